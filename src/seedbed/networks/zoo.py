"""Known networks, each a short list of layers."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, Literal, get_args

from seedbed.core.errors import NetworkError
from seedbed.core.suggestions import unknown
from seedbed.networks.layers import (
    Activation,
    BatchNorm2d,
    ClassToken,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    LayerNorm,
    Linear,
    MaxPool2d,
    Pad,
    PatchEmbedding,
    PositionEncoding,
    Residual,
    TakeClassToken,
    TokenMean,
    TransformerBlock,
)
from seedbed.networks.layers.activation import ActivationFunction
from seedbed.networks.layers.transformer.position_encoding import PositionKind
from seedbed.networks.network import Network

Pool = Literal["class", "mean"]

MAX_DEPTH: Final = 1000
"""Blocks of a Vision Transformer; more are most likely a mistake."""


def lenet5(
    num_classes: int = 10,
    *,
    activation: ActivationFunction = "relu",
    negative_slope: float = 0.01,
    alpha: float = 1.0,
    dropout: float = 0.0,
) -> Network:
    """LeNet-5 (LeCun et al. 1998, "Gradient-based learning applied to document recognition").

    In its usual modern form: max-pooling, convolutions over all channels, and a linear last layer.
    For images of up to 32×32 pixels; smaller ones are padded. 61,706 parameters for ten classes
    with one input channel, 62,006 with three.

    Args:
        num_classes: Number of logits, 1 or more.
        activation: After every layer but the last.
        negative_slope: Of ``leaky-relu``, for negative inputs.
        alpha: Of ``elu``, which tends to ``-alpha`` for negative inputs.
        dropout: Dropout rate after each hidden linear layer; 0 for none.

    Raises:
        NetworkError: If an argument cannot be used.
    """
    nonlinearity = Activation(activation, negative_slope, alpha)
    drop = (Dropout(dropout),) if dropout != 0 else ()
    layers = (
        Pad(32),
        Conv2d(out_channels=6, kernel_size=5),
        nonlinearity,
        MaxPool2d(2),
        Conv2d(out_channels=16, kernel_size=5),
        nonlinearity,
        MaxPool2d(2),
        Flatten(),
        Linear(out_features=120),
        nonlinearity,
        *drop,
        Linear(out_features=84),
        nonlinearity,
        *drop,
        Linear(out_features=num_classes),
    )
    return Network("lenet5", layers)


def resnet8(num_classes: int = 10, *, width: int = 16) -> Network:
    """Residual network with eight weight layers in sequence (He et al. 2016, section 4.2, n = 1).

    It has three blocks; shortcuts that change the shape are 1×1 convolutions. For images of any
    size. 78,042 parameters and 672 running statistics for ten classes with three input channels.

    Args:
        num_classes: Number of logits, 1 or more.
        width: Channels of the first block; the second block has twice, the third four times as
            many.

    Raises:
        NetworkError: If an argument cannot be used.
    """

    def convolution(channels: int, kernel_size: int, stride: int) -> tuple[Layer, ...]:
        same = Conv2d(
            out_channels=channels,
            kernel_size=kernel_size,
            stride=stride,
            padding=kernel_size // 2,
            bias=False,
        )
        return same, BatchNorm2d()

    def block(channels: int, stride: int) -> tuple[Residual, Activation]:
        first, second = convolution(channels, 3, stride), convolution(channels, 3, 1)
        shortcut = convolution(channels, 1, stride) if stride > 1 else ()
        return Residual((*first, relu, *second), shortcut), relu

    _require_positive("resnet8 width", width)
    relu = Activation("relu")
    layers = (
        *convolution(width, 3, 1),
        relu,
        *block(width, 1),
        *block(2 * width, 2),
        *block(4 * width, 2),
        GlobalAvgPool2d(),
        Linear(out_features=num_classes),
    )
    return Network("resnet8", layers)


def vit(
    num_classes: int = 10,
    *,
    patch_size: int = 7,
    embed_dim: int = 64,
    depth: int = 6,
    num_heads: int = 4,
    mlp_dim: int = 128,
    dropout: float = 0.0,
    drop_path: float = 0.0,
    pool: Pool = "class",
    pos_embed: PositionKind = "learned",
) -> Network:
    """Vision Transformer (Dosovitskiy et al. 2021, "An image is worth 16x16 words").

    Args:
        num_classes: Number of logits, 1 or more.
        patch_size: Side of a patch in pixels; must divide the height and width of the image.
        embed_dim: Size of a token.
        depth: Number of blocks, 1 or more.
        num_heads: Attention heads of each block; must divide ``embed_dim``.
        mlp_dim: Size of the hidden layer of each block's perceptron.
        dropout: Dropout rate after the position encoding and inside the blocks; 0 for none.
        drop_path: Stochastic depth rate of the last block; it rises linearly from 0 in the first
            (Huang et al. 2016, section 4). 0 for none.
        pool: Input of the last layer: a class token, or the mean of the patches (without a class
            token).
        pos_embed: The position encoding.

    Raises:
        NetworkError: If an argument cannot be used.
    """
    tokens = (PatchEmbedding(embed_dim, patch_size),)
    last = TransformerBlock(num_heads, mlp_dim, dropout, drop_path)
    return _vit("vit", tokens, depth, last, num_classes, pool, pos_embed)


def vit_774k(
    num_classes: int = 10,
    *,
    dropout: float = 0.0,
    drop_path: float = 0.0,
    pool: Pool = "class",
    pos_embed: PositionKind = "learned",
) -> Network:
    """Vision Transformer for 28×28 images, with at most 774,000 bytes of weights.

    Arguments as for :func:`vit`.
    """
    tokens = (PatchEmbedding(64, patch_size=4),)
    last = TransformerBlock(4, 156, dropout, drop_path)
    return _vit("vit-774k", tokens, 5, last, num_classes, pool, pos_embed)


def vit_lite(
    num_classes: int = 10,
    *,
    dropout: float = 0.0,
    drop_path: float = 0.0,
    pool: Pool = "mean",
    pos_embed: PositionKind = "learned",
) -> Network:
    """Vision Transformer for 32×32 images with a convolutional stem, up to 200,000 parameters.

    Two convolutions with max-pooling replace the patch embedding of 4×4 pixels, which learns faster
    from few images (Xiao et al. 2021, "Early convolutions help transformers see better"; Hassani et
    al. 2021, "Escaping the big data paradigm with compact transformers"). Arguments as for
    :func:`vit`.
    """
    stem: list[Layer] = []
    for channels in (24, 48):
        stem += [
            Conv2d(out_channels=channels, kernel_size=3, padding=1),
            Activation("relu"),
            MaxPool2d(2),
        ]
    tokens = (*stem, PatchEmbedding(64, patch_size=1))
    last = TransformerBlock(4, 128, dropout, drop_path)
    return _vit("vit-lite", tokens, 4, last, num_classes, pool, pos_embed)


def _vit(
    name: str,
    tokens: tuple[Layer, ...],
    depth: int,
    last: TransformerBlock,
    num_classes: int,
    pool: Pool,
    pos_embed: PositionKind,
) -> Network:
    """Return the token layers, ``depth`` blocks like the last one, and a linear layer."""
    _require_positive("vit depth", depth)
    if depth > MAX_DEPTH:
        raise NetworkError(
            f"{depth} cannot be used", where="vit depth", expected=f"at most {MAX_DEPTH}"
        )
    if pool not in get_args(Pool):
        raise NetworkError(unknown("pool", pool, get_args(Pool)), where="vit pool")
    rates = [last.drop_path * block / max(depth - 1, 1) for block in range(depth - 1)]
    layers = (
        *tokens,
        *((ClassToken(),) if pool == "class" else ()),
        PositionEncoding(pos_embed),
        *((Dropout(last.dropout),) if last.dropout > 0 else ()),
        *(replace(last, drop_path=rate) for rate in rates),
        last,
        LayerNorm(),
        TakeClassToken() if pool == "class" else TokenMean(),
        Linear(out_features=num_classes),
    )
    return Network(name, layers)


def _require_positive(where: str, value: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise NetworkError(
            f"{value!r} cannot be used", where=where, expected="a whole number, 1 or more"
        )


ZOO: Final[Mapping[str, Callable[..., Network]]] = {
    "lenet5": lenet5,
    "resnet8": resnet8,
    "vit": vit,
    "vit-774k": vit_774k,
    "vit-lite": vit_lite,
}
"""Name in a study file -> builder, whose first argument is the number of classes."""
