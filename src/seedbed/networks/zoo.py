"""Known networks, each a short list of layers."""

from collections.abc import Callable, Mapping
from typing import Final, Literal, get_args

from seedbed.core.errors import NetworkError
from seedbed.core.suggestions import unknown
from seedbed.networks.layers import (
    Activation,
    ActivationFunction,
    BatchNorm2d,
    Branched,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    Pad,
    Residual,
)
from seedbed.networks.network import Network
from seedbed.networks.transformer import (
    ClassToken,
    LayerNorm,
    PatchEmbedding,
    PositionEncoding,
    PositionKind,
    TakeClassToken,
    TokenMean,
    TransformerBlock,
)

Pool = Literal["class", "mean"]


def lenet5(
    classes: int = 10,
    *,
    activation: ActivationFunction = "relu",
    slope: float = 0.01,
    alpha: float = 1.0,
    dropout: float = 0.0,
) -> Network:
    """LeNet-5 (LeCun et al. 1998, "Gradient-based learning applied to document recognition").

    The form that is usual today: max-pooling, every convolution sees every channel, and a linear
    last layer for cross-entropy. Images of up to 32×32 pixels, smaller ones are padded; 61,706
    parameters for ten classes with one input channel, 62,006 with three.

    Args:
        classes: How many logits, 1 or more.
        activation: After each layer but the last.
        slope: Of the leaky ReLU below zero.
        alpha: Of the ELU: its limit below zero is ``-alpha``.
        dropout: Rate of the dropout after each hidden linear layer; 0 for none.

    Raises:
        NetworkError: If an argument cannot be used.
    """
    nonlinearity = Activation(activation, slope, alpha)
    drop = (Dropout(dropout),) if dropout != 0 else ()
    layers = (
        Pad(32),
        Conv2d(6, kernel_size=5),
        nonlinearity,
        MaxPool2d(2),
        Conv2d(16, kernel_size=5),
        nonlinearity,
        MaxPool2d(2),
        Flatten(),
        Linear(120),
        nonlinearity,
        *drop,
        Linear(84),
        nonlinearity,
        *drop,
        Linear(classes),
    )
    return Network("lenet5", layers)


def resnet8(classes: int = 10, *, width: int = 16) -> Network:
    """Residual network of eight layers with weights in a row (He et al. 2016, section 4.2, n = 1).

    With three blocks instead of three stacks of blocks; shortcuts that change the shape are 1×1
    convolutions. For images of any size; 78,042 parameters for ten classes with three input
    channels, beside 672 running statistics.

    Args:
        classes: How many logits, 1 or more.
        width: Channels of the first block; the second has twice, the third four times as many.

    Raises:
        NetworkError: If an argument cannot be used.
    """

    def convolution(channels: int, kernel_size: int, stride: int) -> tuple[Branched, ...]:
        padding = kernel_size // 2
        return Conv2d(channels, kernel_size, stride, padding, bias=False), BatchNorm2d()

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
        Linear(classes),
    )
    return Network("resnet8", layers)


def vit(
    classes: int = 10,
    *,
    patch: int = 7,
    width: int = 64,
    depth: int = 6,
    heads: int = 4,
    mlp: int = 128,
    dropout: float = 0.0,
    drop_path: float = 0.0,
    pool: Pool = "class",
    positions: PositionKind = "learned",
) -> Network:
    """Vision Transformer (Dosovitskiy et al. 2021, "An image is worth 16x16 words").

    Args:
        classes: How many logits, 1 or more.
        patch: Side of a patch in pixels; must divide the image's sides.
        width: Numbers that a token has.
        depth: How many blocks, 1 or more.
        heads: Of each block's attention; must divide ``width``.
        mlp: Numbers in the hidden layer of each block's perceptron.
        dropout: Rate of the dropout behind the position encoding and inside the blocks; 0 for none.
        drop_path: Rate of stochastic depth in the last block; it rises linearly from 0 in the first
            (Huang et al. 2016, section 4). 0 for none.
        pool: What the last layer sees: a class token, or the mean of the patches, without one.
        positions: The position encoding.

    Raises:
        NetworkError: If an argument cannot be used.
    """
    tokens = (PatchEmbedding(width, patch),)
    return _vit("vit", tokens, classes, depth, heads, mlp, dropout, drop_path, pool, positions)


def vit_774k(
    classes: int = 10,
    *,
    dropout: float = 0.0,
    drop_path: float = 0.0,
    pool: Pool = "class",
    positions: PositionKind = "learned",
) -> Network:
    """Vision Transformer for 28×28 images whose weights take at most 774,000 bytes.

    Arguments as for :func:`vit`.
    """
    tokens = (PatchEmbedding(64, patch=4),)
    return _vit("vit-774k", tokens, classes, 5, 4, 156, dropout, drop_path, pool, positions)


def vit_lite(
    classes: int = 10,
    *,
    dropout: float = 0.0,
    drop_path: float = 0.0,
    pool: Pool = "mean",
    positions: PositionKind = "learned",
) -> Network:
    """Vision Transformer for 32×32 images of at most 200,000 parameters, with a convolutional stem.

    Two convolutions with max-pooling make the 4×4 patches, which learns faster from few images than
    one large step (Xiao et al. 2021, "Early convolutions help transformers see better"; Hassani et
    al. 2021, "Escaping the big data paradigm with compact transformers"). Arguments as for
    :func:`vit`.
    """
    stem: list[Layer] = []
    for channels in (24, 48):
        stem += [Conv2d(channels, 3, padding=1), Activation("relu"), MaxPool2d(2)]
    tokens = (*stem, PatchEmbedding(64, patch=1))
    return _vit("vit-lite", tokens, classes, 4, 4, 128, dropout, drop_path, pool, positions)


def _vit(
    name: str,
    tokens: tuple[Layer, ...],
    classes: int,
    depth: int,
    heads: int,
    mlp: int,
    dropout: float,
    drop_path: float,
    pool: Pool,
    positions: PositionKind,
) -> Network:
    _require_positive("vit depth", depth)
    if pool not in get_args(Pool):
        raise NetworkError(unknown("pool", pool, get_args(Pool)), where="vit pool")
    # The rates must be good before they are shared out.
    last = TransformerBlock(heads, mlp, dropout, drop_path)
    rates = [last.drop_path * block / max(depth - 1, 1) for block in range(depth - 1)]
    layers = (
        *tokens,
        *((ClassToken(),) if pool == "class" else ()),
        PositionEncoding(positions),
        *((Dropout(dropout),) if dropout != 0 else ()),
        *(TransformerBlock(heads, mlp, dropout, rate) for rate in rates),
        last,
        LayerNorm(),
        TakeClassToken() if pool == "class" else TokenMean(),
        Linear(classes),
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
"""Name in a study file -> builder; each takes the number of classes first."""
