# ruff: noqa: D102 # the class docstrings describe forward
"""The PyTorch modules of layers: everything in ``torch.nn``, and a few more.

A layer gets this module as ``nn``. Modules with random masks are :class:`Masked`: ``forward`` takes
the masks of the batch as a second argument, and draws nothing.
"""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from seedbed.networks.layers import Layer
from seedbed.networks.layers.sequence import layer_names, output_shapes
from seedbed.networks.network import Network
from seedbed.networks.shapes import ImageShape, Shape


def __getattr__(name: str) -> Any:
    return getattr(nn, name)


class Masks:
    """The masks of a batch, used up layer by layer.

    Args:
        rows: N×F, 1 to keep and 0 to drop, from
            :meth:`seedbed.training.batches.EpochMasks.draw`.
    """

    def __init__(self, rows: Tensor) -> None:
        self._rows = rows
        self._start = 0

    def take(self, count: int, rate: float) -> Tensor:
        """Return the next N×``count`` factors: 0, or 1 / (1 - ``rate``)."""
        masks = self._rows[:, self._start : self._start + count]
        self._start += count
        return masks * (1 / (1 - rate))


class Masked(nn.Module):
    """A module whose ``forward`` takes the masks of the batch as a second argument."""


class Stack(Masked):
    """A sequence of layers, named as in a network.

    Their weights are uninitialized, because PyTorch would draw them from its global generator.

    Args:
        layers: In order.
        shape: Of the first layer's input, for one image.
    """

    def __init__(self, layers: Sequence[Layer], shape: Shape) -> None:
        super().__init__()
        shapes = (shape, *output_shapes(layers, shape))
        for name, layer, input_shape in zip(layer_names(layers), layers, shapes, strict=False):
            self.add_module(name, _empty(layer, input_shape))

    def forward(self, values: Tensor, masks: Masks | None = None) -> Tensor:
        for module in self.children():
            values = module(values, masks) if isinstance(module, Masked) else module(values)
        return values


def _empty(layer: Layer, input_shape: Shape) -> nn.Module:
    """Return the module of a layer with uninitialized weights."""
    with torch.device("meta"):
        module: nn.Module = layer.module(sys.modules[__name__], input_shape)
    on_meta = any(parameter.is_meta for parameter in module.parameters())
    return module.to_empty(device="cpu") if on_meta else module


class Residual(Masked):
    """The sum of ``branch`` and ``shortcut`` of the same input."""

    def __init__(self, branch: Stack, shortcut: Stack) -> None:
        super().__init__()
        self.branch = branch
        self.shortcut = shortcut

    def forward(self, values: Tensor, masks: Masks | None = None) -> Tensor:
        branch: Tensor = self.branch(values, masks)
        shortcut: Tensor = self.shortcut(values, masks)
        return branch + shortcut


class MaskedDropout(Masked):
    """Dropout with given masks; those of tokens are ordered as (embed_dim, tokens)."""

    def __init__(self, rate: float, features: int) -> None:
        super().__init__()
        self.rate, self.features = rate, features

    def forward(self, values: Tensor, masks: Masks | None = None) -> Tensor:
        if masks is None or self.rate == 0:
            return values
        factors = masks.take(self.features, self.rate)
        if values.ndim == 3:
            tokens, embed_dim = values.shape[1:]
            return values * factors.reshape(-1, embed_dim, tokens).transpose(1, 2)
        return values * factors.reshape(values.shape)


class DropPath(Masked):
    """Stochastic depth (Huang et al. 2016) with given masks: one factor per image."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, tokens: Tensor, masks: Masks | None = None) -> Tensor:
        if masks is None or self.rate == 0:
            return tokens
        return tokens * masks.take(1, self.rate)[:, :, None]


class BatchNorm(nn.Module):
    """``torch.nn.BatchNorm2d`` without the batch counter, which a fixed momentum does not use.

    The output for a batch with a single value per channel, which PyTorch rejects, is the bias.
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


class GlobalAvgPool2d(nn.Module):
    """The mean of each channel, as features."""

    def forward(self, images: Tensor) -> Tensor:
        return images.mean(dim=(2, 3))


class Attention(nn.Module):
    """Self-attention, its weights named as those of ``torch.nn.MultiheadAttention``."""

    def __init__(self, embed_dim: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * embed_dim, embed_dim))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * embed_dim))
        self.out_proj = nn.Linear(embed_dim, embed_dim)

    def forward(self, tokens: Tensor) -> Tensor:
        images, count, embed_dim = tokens.shape
        projected = functional.linear(tokens, self.in_proj_weight, self.in_proj_bias)
        heads = projected.reshape(images, count, 3, self.num_heads, embed_dim // self.num_heads)
        queries, keys, values = heads.permute(2, 0, 3, 1, 4).unbind(0)
        # Not scaled_dot_product_attention, which does not support several runs in one pass.
        scores = (queries * keys.shape[-1] ** -0.5) @ keys.transpose(-2, -1)
        mixed = scores.softmax(dim=-1) @ values
        output: Tensor = self.out_proj(mixed.transpose(1, 2).reshape(images, count, embed_dim))
        return output


class TransformerBlock(Masked):
    """A transformer block, see :class:`seedbed.TransformerBlock`."""

    def __init__(
        self,
        tokens: int,
        embed_dim: int,
        num_heads: int,
        mlp_dim: int,
        dropout: float,
        drop_path: float,
    ) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(embed_dim)
        self.self_attn = Attention(embed_dim, num_heads)
        self.drop_mixed = MaskedDropout(dropout, tokens * embed_dim)
        self.drop_attention = DropPath(drop_path)
        self.norm2 = nn.LayerNorm(embed_dim)
        self.linear1 = nn.Linear(embed_dim, mlp_dim)
        self.drop_hidden = MaskedDropout(dropout, tokens * mlp_dim)
        self.linear2 = nn.Linear(mlp_dim, embed_dim)
        self.drop_output = MaskedDropout(dropout, tokens * embed_dim)
        self.drop_perceptron = DropPath(drop_path)

    def forward(self, tokens: Tensor, masks: Masks | None = None) -> Tensor:
        mixed = self.drop_mixed(self.self_attn(self.norm1(tokens)), masks)
        tokens = tokens + self.drop_attention(mixed, masks)
        hidden = self.drop_hidden(functional.gelu(self.linear1(self.norm2(tokens))), masks)
        output = self.drop_output(self.linear2(hidden), masks)
        result: Tensor = tokens + self.drop_perceptron(output, masks)
        return result


class PatchEmbedding(nn.Conv2d):
    """Tokens of an image's patches, row by row."""

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images).flatten(2).transpose(1, 2)


class ClassToken(nn.Module):
    """Adds a learned token before the others."""

    def __init__(self, embed_dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(embed_dim))

    def forward(self, tokens: Tensor) -> Tensor:
        return torch.cat([self.weight.expand(tokens.shape[0], 1, -1), tokens], dim=1)


class LearnedPositions(nn.Module):
    """Adds a weight to every number of every token."""

    def __init__(self, tokens: int, embed_dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(tokens, embed_dim))

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens + self.weight


class FixedPositions(nn.Module):
    """Adds a constant tokens × embed_dim table."""

    def __init__(self, table: NDArray[np.float32]) -> None:
        super().__init__()
        self.table: Tensor
        self.register_buffer("table", torch.from_numpy(table), persistent=False)

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens + self.table


class TakeClassToken(nn.Module):
    """Selects the class token as features."""

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens[:, 0]


class TokenMean(nn.Module):
    """The mean of all tokens, as features."""

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens.mean(dim=1)


class NetworkModule(Stack):
    """A network from normalized float32 N×C×H×W images to N×K logits.

    Args:
        network: Not an opaque one.
        image_shape: (height, width, channels) of the images.

    Raises:
        NetworkError: If a layer does not fit.
    """

    def __init__(self, network: Network, image_shape: ImageShape) -> None:
        network.shapes(image_shape)
        height, width, channels = image_shape
        super().__init__(network.layers, (channels, height, width))

    def forward(self, images: Tensor, kept: Tensor | None = None) -> Tensor:  # type: ignore[override]
        """Return the logits; ``kept`` contains the masks of the batch in training."""
        return super().forward(images, None if kept is None else Masks(kept))


def new_module(network: Network, image_shape: ImageShape) -> nn.Module:
    """Return a new module of any network; its weights are uninitialized unless it is opaque."""
    module: nn.Module = network.module(image_shape, NetworkModule)
    return module
