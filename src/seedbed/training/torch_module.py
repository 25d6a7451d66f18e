# ruff: noqa: D102 # what forward takes and returns, the class says
"""A network as a module of PyTorch: the same layers, with the same names of weights.

What dropout keeps is drawn by :mod:`seedbed.training.batches` and given to the module beside the
images, so that a module draws nothing itself.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from seedbed.networks.layers import (
    Activation,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    Pad,
    Placed,
    Residual,
    layer_names,
)
from seedbed.networks.transformer import (
    ClassToken,
    LayerNorm,
    PatchEmbedding,
    PositionEncoding,
    TakeClassToken,
    TokenMean,
    TransformerBlock,
    sinusoidal,
)


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


class Stack(nn.Module):
    """Layers in a row."""

    def __init__(self, prefix: str, layers: Sequence[Layer], places: dict[str, Placed]) -> None:
        super().__init__()
        for name in layer_names(layers):
            self.add_module(name, _module(prefix + name, places))

    def forward(self, values: Tensor, masks: Masks | None = None) -> Tensor:
        return _through(self, values, masks)


class NetworkModule(nn.Module):
    """A network of layers: normalised float32 N×C×H×W images to N×K logits.

    Args:
        network: The layers.
        image_shape: (height, width, channels) of the images.

    Raises:
        NetworkError: If a layer does not fit.
    """

    def __init__(self, network: Network, image_shape: tuple[int, int, int]) -> None:
        super().__init__()
        places = {place.name: place for place in network.walk(image_shape)}
        for name in network.layer_names:
            self.add_module(name, _module(name, places))

    def forward(self, images: Tensor, kept: Tensor | None = None) -> Tensor:
        """Return the logits; ``kept`` holds the batch's masks while training."""
        return _through(self, images, None if kept is None else Masks(kept))


class ResidualModule(nn.Module):
    """``branch`` and ``shortcut`` of the same image, added up."""

    def __init__(self, branch: Stack, shortcut: Stack) -> None:
        super().__init__()
        self.branch = branch
        self.shortcut = shortcut

    def forward(self, values: Tensor, masks: Masks | None = None) -> Tensor:
        branch: Tensor = self.branch(values, masks)
        shortcut: Tensor = self.shortcut(values, masks)
        return branch + shortcut


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
        self.out_proj = _blank(nn.Linear, width, width)

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
        self.norm1 = _blank(nn.LayerNorm, width)
        self.self_attn = Attention(width, block.heads)
        self.drop_mixed = MaskedDropout(block.dropout, tokens * width)
        self.drop_attention = DropPath(block.drop_path)
        self.norm2 = _blank(nn.LayerNorm, width)
        self.linear1 = _blank(nn.Linear, width, block.mlp)
        self.drop_hidden = MaskedDropout(block.dropout, tokens * block.mlp)
        self.linear2 = _blank(nn.Linear, block.mlp, width)
        self.drop_output = MaskedDropout(block.dropout, tokens * width)
        self.drop_perceptron = DropPath(block.drop_path)

    def forward(self, tokens: Tensor, masks: Masks | None = None) -> Tensor:
        mixed = self.drop_mixed(self.self_attn(self.norm1(tokens)), masks)
        tokens = tokens + self.drop_attention(mixed, masks)
        hidden = self.drop_hidden(functional.gelu(self.linear1(self.norm2(tokens))), masks)
        output = self.drop_output(self.linear2(hidden), masks)
        result: Tensor = tokens + self.drop_perceptron(output, masks)
        return result


class BatchNorm(nn.Module):
    """``torch.nn.BatchNorm2d`` without a count of batches, which a momentum of 0.1 does not use.

    A batch of a single value a channel, which PyTorch refuses, gives the biases.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels))
        self.bias = nn.Parameter(torch.empty(channels))
        self.running_mean: Tensor
        self.running_var: Tensor
        self.register_buffer("running_mean", torch.empty(channels))
        self.register_buffer("running_var", torch.empty(channels))

    def forward(self, images: Tensor) -> Tensor:
        if self.training and images.numel() == images.shape[1]:
            return 0 * images + self.bias[:, None, None]
        return functional.batch_norm(
            images,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            training=self.training,
            momentum=0.1,
            eps=1e-5,
        )


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


class MeanOfPixels(nn.Module):
    """The mean of each channel, as features."""

    def forward(self, images: Tensor) -> Tensor:
        return images.mean(dim=(2, 3))


_MASKED = (MaskedDropout, BlockModule, ResidualModule)


def _through(stack: nn.Module, values: Tensor, masks: Masks | None) -> Tensor:
    for module in stack.children():
        values = module(values, masks) if isinstance(module, _MASKED) else module(values)
    return values


def _blank(kind: type[nn.Module], *sizes: int, **settings: object) -> nn.Module:
    """Return a layer whose weights have yet to be filled: PyTorch would draw them globally."""
    layer: nn.Module = nn.utils.skip_init(kind, *sizes, **settings)  # type: ignore[no-untyped-call]
    return layer


def _module(name: str, places: dict[str, Placed]) -> nn.Module:
    place = places[name]
    layer, before = place.layer, place.before
    match layer:
        case Pad(size=size):
            rows, columns = size - before[1], size - before[2]
            left, top = columns // 2, rows // 2
            return nn.ZeroPad2d((left, columns - left, top, rows - top))
        case Conv2d(channels=channels, kernel_size=kernel):
            return _blank(
                nn.Conv2d,
                before[0],
                channels,
                kernel,
                stride=layer.stride,
                padding=layer.padding,
                bias=layer.bias,
            )
        case BatchNorm2d():
            return BatchNorm(before[0])
        case Residual():
            return ResidualModule(
                Stack(f"{name}.branch.", layer.branch, places),
                Stack(f"{name}.shortcut.", layer.shortcut, places),
            )
        case Activation():
            return _activation(layer)
        case Dropout(rate=rate):
            return MaskedDropout(rate, torch.Size(before).numel())
        case MaxPool2d(size=size, stride=stride):
            return nn.MaxPool2d(size, stride)
        case AvgPool2d(size=size, stride=stride):
            return nn.AvgPool2d(size, stride)
        case GlobalAvgPool2d():
            return MeanOfPixels()
        case Flatten():
            return nn.Flatten()
        case Linear(features=features):
            return _blank(nn.Linear, before[0], features)
        case PatchEmbedding(width=width, patch=patch):
            return _blank(Patches, before[0], width, patch, stride=patch)
        case ClassToken():
            return Token(before[1])
        case PositionEncoding(kind="learned"):
            return LearnedPositions(*before)
        case PositionEncoding():
            return Sinusoids(*before)
        case TransformerBlock():
            tokens, width = before
            return BlockModule(tokens, width, layer)
        case LayerNorm():
            return _blank(nn.LayerNorm, before[-1])
        case TokenMean():
            return MeanOfTokens()
        case TakeClassToken():
            return FirstToken()


def _activation(layer: Activation) -> nn.Module:
    match layer.function:
        case "relu":
            return nn.ReLU()
        case "leaky-relu":
            return nn.LeakyReLU(layer.slope)
        case "elu":
            return nn.ELU(layer.alpha)
        case "gelu":
            return nn.GELU()
        case "sigmoid":
            return nn.Sigmoid()
        case "tanh":
            return nn.Tanh()
