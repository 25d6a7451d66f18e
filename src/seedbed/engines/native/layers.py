"""The layers of a network in the terms of the native kernels."""

from collections.abc import Sequence
from typing import Any, TypeVar

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
    Pad,
    Residual,
)
from seedbed.networks.network import Network
from seedbed.networks.shapes import Shape
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

_NONE = (0, 0, 0, 0)  # a border: top, left, bottom, right
_AnyLayer = TypeVar("_AnyLayer", bound=Layer)


def add_layers(native: Any, network: Network, image_shape: tuple[int, int, int]) -> None:
    """Add the layers of ``network`` to a native trainer.

    Args:
        native: One of the modules' ``TRAINERS``, for images of this shape, without layers.
        network: Layers that fit the images and each other.
        image_shape: (height, width, channels) of the images.
    """
    height, width, _ = image_shape
    border = _NONE
    before: Shape = ()
    layers, shapes = _pool_first(network.layers), network.shapes(image_shape)
    for position, (layer, after) in enumerate(zip(layers, shapes, strict=True)):
        match layer:
            case Pad(size=size):
                top, left = (size - height) // 2, (size - width) // 2
                border = (top, left, size - height - top, size - width - left)
            case Conv2d():
                _convolve(native, layer, border)
                border = _NONE
            case PatchEmbedding(width=features, patch=patch):
                native.add(
                    "conv",
                    out_channels=features,
                    kernel_size=patch,
                    stride=patch,
                    padding=list(border),
                    bias=True,
                )
                native.add("tokens")
                border = _NONE
            case TransformerBlock():
                _add_block(native, layer, before[1], _only_first_matters(layers, position))
            case Residual():
                _add_residual(native, layer)
            case _:
                _add(native, layer, before)
        before = after


def _add(native: Any, layer: Layer, before: Shape = ()) -> None:
    """Add a layer that becomes one of the kernels; ``before`` is the shape of an image there."""
    match layer:
        case Conv2d():
            _convolve(native, layer, _NONE)
        case BatchNorm2d():
            native.add("batch_norm")
        case Activation(function="leaky-relu"):
            native.add("leaky_relu", negative_slope=layer.slope)
        case Activation(function="elu"):
            native.add("elu", alpha=layer.alpha)
        case Activation(function=function):
            native.add(function)
        case Dropout(rate=rate):
            native.add("dropout", p=rate)
        case MaxPool2d():
            native.add("max_pool", kernel_size=layer.size, stride=layer.stride)
        case AvgPool2d():
            native.add("avg_pool", kernel_size=layer.size, stride=layer.stride)
        case GlobalAvgPool2d():
            native.add("global_avg_pool")
        case Flatten():
            pass  # a linear layer takes features in PyTorch's order
        case Linear(features=features):
            native.add("linear", out_features=features)
        case ClassToken():
            native.add("class_token")
        case PositionEncoding(kind="learned"):
            native.add("positions", table=[])
        case PositionEncoding():
            native.add("positions", table=sinusoidal(*before).ravel().tolist())
        case LayerNorm():
            if len(before) == 1:
                native.add("flatten")
            native.add("layer_norm")
        case TokenMean():
            native.add("token_mean")
        case TakeClassToken():
            native.add("first_token")


def _convolve(native: Any, layer: Conv2d, border: Sequence[int]) -> None:
    native.add(
        "conv",
        out_channels=layer.channels,
        kernel_size=layer.kernel_size,
        stride=layer.stride,
        padding=[side + layer.padding for side in border],
        bias=layer.bias,
    )


def _add_residual(native: Any, layer: Residual) -> None:
    native.add("fork")
    for inner in _pool_first(layer.branch):
        _add(native, inner)
    if layer.shortcut:
        native.add("shortcut")
        for inner in _pool_first(layer.shortcut):
            _add(native, inner)
    native.add("join", drop_path=0.0)


def _add_block(native: Any, block: TransformerBlock, width: int, first_only: bool) -> None:
    def drop() -> None:
        if block.dropout > 0:
            native.add("dropout", p=block.dropout)

    native.add("fork")
    native.add("layer_norm")
    native.add("token_linear", out_features=3 * width)
    native.add("attention", num_heads=block.heads, first_only=first_only)
    native.add("token_linear", out_features=width)
    drop()
    native.add("join", drop_path=block.drop_path)
    native.add("fork")
    native.add("layer_norm")
    native.add("token_linear", out_features=block.mlp)
    native.add("gelu")
    drop()
    native.add("token_linear", out_features=width)
    drop()
    native.add("join", drop_path=block.drop_path)


def _only_first_matters(layers: Sequence[Layer], position: int) -> bool:
    """Whether nothing but the first token that a block makes is ever looked at.

    Then the others need not be made: in a block, tokens see each other in attention alone. With
    dropout they are, because they have their places in the masks.
    """
    block, *rest = layers[position : position + 3]
    if isinstance(block, TransformerBlock) and block.dropout > 0:
        return False
    behind = [layer for layer in rest if not isinstance(layer, LayerNorm)]
    return bool(behind) and isinstance(behind[0], TakeClassToken)


def _pool_first(layers: Sequence[_AnyLayer]) -> list[_AnyLayer]:
    """Move max-pooling before the activation in front of it.

    Every activation of the vocabulary but GELU is monotone, so the result is the same, and a
    quarter of the values (for 2×2 windows) are left to apply it to.
    """
    result = list(layers)
    for i in range(len(result) - 1):
        activation = result[i]
        monotone = isinstance(activation, Activation) and activation.function != "gelu"
        if monotone and isinstance(result[i + 1], MaxPool2d):
            result[i], result[i + 1] = result[i + 1], result[i]
    return result
