# ruff: noqa: D102 # what forward takes and returns, the class says
"""Modules of PyTorch for what masks drop, and for Vision Transformers."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from seedbed.networks.transformer import TransformerBlock, sinusoidal


class Masks:
    """The masks of a batch, taken one layer after the other.

    Args:
        rows: N×F, 1 where something is kept, else 0, as
            :meth:`seedbed.training.batches.EpochMasks.draw` gives them.
    """

    def __init__(self, rows: Tensor) -> None:
        self._rows = rows
        self._at = 0

    def take(self, count: int, rate: float) -> Tensor:
        """Return the next N×``count`` factors: 0, or 1 / (1 - ``rate``)."""
        taken = self._rows[:, self._at : self._at + count]
        self._at += count
        return taken * (1 / (1 - rate))


def blank(kind: type[nn.Module], *sizes: int, **settings: object) -> nn.Module:
    """Return a layer whose weights have yet to be filled: PyTorch would draw them globally."""
    layer: nn.Module = nn.utils.skip_init(kind, *sizes, **settings)  # type: ignore[no-untyped-call]
    return layer


class MaskedDropout(nn.Module):
    """Dropout whose masks are given; those of tokens feature by feature, (width, tokens)."""

    def __init__(self, rate: float, features: int) -> None:
        super().__init__()
        self.rate, self.features = rate, features

    def forward(self, values: Tensor, masks: Masks | None = None) -> Tensor:
        if masks is None or self.rate == 0:
            return values
        factors = masks.take(self.features, self.rate)
        if values.ndim == 3:
            tokens, width = values.shape[1:]
            return values * factors.reshape(-1, width, tokens).transpose(1, 2)
        return values * factors.reshape(values.shape)


class DropPath(nn.Module):
    """Stochastic depth (Huang et al. 2016) whose masks are given: one factor an image."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, tokens: Tensor, masks: Masks | None = None) -> Tensor:
        if masks is None or self.rate == 0:
            return tokens
        return tokens * masks.take(1, self.rate)[:, :, None]


class Attention(nn.Module):
    """Self-attention, its weights named as those of ``torch.nn.MultiheadAttention``."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * width))
        self.out_proj = blank(nn.Linear, width, width)

    def forward(self, tokens: Tensor) -> Tensor:
        images, count, width = tokens.shape
        joined = functional.linear(tokens, self.in_proj_weight, self.in_proj_bias)
        apart = joined.reshape(images, count, 3, self.heads, width // self.heads)
        queries, keys, values = apart.permute(2, 0, 3, 1, 4).unbind(0)
        # Not scaled_dot_product_attention, which runs that are trained together cannot share.
        scores = (queries * keys.shape[-1] ** -0.5) @ keys.transpose(-2, -1)
        mixed = scores.softmax(dim=-1) @ values
        found: Tensor = self.out_proj(mixed.transpose(1, 2).reshape(images, count, width))
        return found


class BlockModule(nn.Module):
    """A transformer block; :class:`TransformerBlock` says what it computes."""

    def __init__(self, tokens: int, width: int, block: TransformerBlock) -> None:
        super().__init__()
        self.norm1 = blank(nn.LayerNorm, width)
        self.self_attn = Attention(width, block.heads)
        self.drop_mixed = MaskedDropout(block.dropout, tokens * width)
        self.drop_attention = DropPath(block.drop_path)
        self.norm2 = blank(nn.LayerNorm, width)
        self.linear1 = blank(nn.Linear, width, block.mlp)
        self.drop_hidden = MaskedDropout(block.dropout, tokens * block.mlp)
        self.linear2 = blank(nn.Linear, block.mlp, width)
        self.drop_output = MaskedDropout(block.dropout, tokens * width)
        self.drop_perceptron = DropPath(block.drop_path)

    def forward(self, tokens: Tensor, masks: Masks | None = None) -> Tensor:
        mixed = self.drop_mixed(self.self_attn(self.norm1(tokens)), masks)
        tokens = tokens + self.drop_attention(mixed, masks)
        hidden = self.drop_hidden(functional.gelu(self.linear1(self.norm2(tokens))), masks)
        output = self.drop_output(self.linear2(hidden), masks)
        result: Tensor = tokens + self.drop_perceptron(output, masks)
        return result


class Patches(nn.Conv2d):
    """Tokens of an image's patches, row by row."""

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images).flatten(2).transpose(1, 2)


class Token(nn.Module):
    """A learned token in front of the others."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(width))

    def forward(self, tokens: Tensor) -> Tensor:
        return torch.cat([self.weight.expand(tokens.shape[0], 1, -1), tokens], dim=1)


class LearnedPositions(nn.Module):
    """A weight for every number of every token."""

    def __init__(self, tokens: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(tokens, width))

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens + self.weight


class Sinusoids(nn.Module):
    """The fixed position encoding."""

    def __init__(self, tokens: int, width: int) -> None:
        super().__init__()
        self.table: Tensor
        self.register_buffer("table", torch.from_numpy(sinusoidal(tokens, width)), persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens + self.table


class FirstToken(nn.Module):
    """The class token alone, as features."""

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens[:, 0]


class MeanOfTokens(nn.Module):
    """The mean of all tokens, as features."""

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens.mean(dim=1)
