"""What comes out of layers for one image, and which weights they need."""

import math
from collections.abc import Sequence
from typing import TypeAlias

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
)

Shape: TypeAlias = tuple[int, ...]
"""(channels, height, width), (tokens, width), or (features,)."""


class DoesNotFitError(Exception):
    """Why a layer cannot take its input."""


def shapes_behind(layers: Sequence[Layer], shape: Shape, drawing: str = "") -> tuple[Shape, ...]:
    """Return the shape of one image of ``shape`` after each of some layers in a row."""
    drawing += times(shape)
    shapes = []
    for position, (name, layer) in enumerate(zip(layer_names(layers), layers, strict=True)):
        drawing += f" → {name}"
        try:
            shape = _output_shape(layer, shape, layers[:position])
        except DoesNotFitError as reason:
            raise DoesNotFitError(f"{name} does not fit: {reason}: {drawing}") from None
        drawing += f" {times(shape)}"
        shapes.append(shape)
    return tuple(shapes)


def weights_of(layer: Layer, before: Shape) -> dict[str, Shape]:
    """Return the weights of a layer whose input is of the shape ``before``, in their order."""
    match layer:
        case Conv2d(channels=out, kernel_size=kernel) | PatchEmbedding(width=out, patch=kernel):
            weight = {"weight": (out, before[0], kernel, kernel)}
            has_bias = isinstance(layer, PatchEmbedding) or layer.bias
            return weight | ({"bias": (out,)} if has_bias else {})
        case BatchNorm2d():
            return {"weight": before[:1], "bias": before[:1]}
        case Linear(features=out):
            return {"weight": (out, before[0]), "bias": (out,)}
        case ClassToken():
            return {"weight": before[1:]}
        case PositionEncoding(kind="learned"):
            return {"weight": before}
        case LayerNorm():
            return {"weight": before[-1:], "bias": before[-1:]}
        case TransformerBlock(mlp=mlp):
            width = before[-1]
            return {
                "norm1.weight": (width,),
                "norm1.bias": (width,),
                "self_attn.in_proj_weight": (3 * width, width),
                "self_attn.in_proj_bias": (3 * width,),
                "self_attn.out_proj.weight": (width, width),
                "self_attn.out_proj.bias": (width,),
                "norm2.weight": (width,),
                "norm2.bias": (width,),
                "linear1.weight": (mlp, width),
                "linear1.bias": (mlp,),
                "linear2.weight": (width, mlp),
                "linear2.bias": (width,),
            }
    return {}


def _output_shape(layer: Layer, shape: Shape, before: Sequence[Layer]) -> Shape:
    """Return what ``layer`` makes of one image of ``shape`` that the layers before it made."""
    match layer:
        case Activation() | Dropout():
            return shape
        case Linear(features=features):
            if len(shape) != 1:
                layers = "TokenMean or TakeClassToken" if len(shape) == 2 else "a flatten layer"
                raise DoesNotFitError(f"it needs {layers} before it")
            return (features,)
        case LayerNorm():
            if len(shape) == 3:
                raise DoesNotFitError("it needs tokens or features, not an image")
            return shape
        case TakeClassToken() if len(shape) == 2 and ClassToken() not in before:
            raise DoesNotFitError("there is no ClassToken before it")
        case (
            ClassToken() | PositionEncoding() | TransformerBlock() | TokenMean() | TakeClassToken()
        ):
            return _shape_behind_tokens(layer, shape)
    if len(shape) != 3:
        raise DoesNotFitError(f"its input is {'tokens' if len(shape) == 2 else 'flat'} already")
    channels, height, width = shape
    match layer:
        case BatchNorm2d():
            return shape
        case Flatten():
            return (channels * height * width,)
        case GlobalAvgPool2d():
            return (channels,)
        case Residual():
            return _shape_behind_both_ways(layer, shape)
        case Pad(size=size):
            if max(height, width) > size:
                raise DoesNotFitError(f"the image is larger than {size}×{size}")
            return (channels, size, size)
        case PatchEmbedding(width=features, patch=patch):
            if height % patch or width % patch:
                raise DoesNotFitError(
                    f"its {patch}×{patch} patches do not divide its {height}×{width} input "
                    f"({_divisors(patch, height, width)} would)"
                )
            return (height // patch * (width // patch), features)
        case Conv2d(channels=channels, kernel_size=window, stride=stride, padding=padding):
            height, width = height + 2 * padding, width + 2 * padding
        case MaxPool2d(size=window) | AvgPool2d(size=window):
            stride = layer.stride or window
    if window > min(height, width):
        raise DoesNotFitError(
            f"its {window}×{window} window is larger than its {height}×{width} input"
        )
    return (channels, (height - window) // stride + 1, (width - window) // stride + 1)


def _shape_behind_tokens(
    layer: ClassToken | PositionEncoding | TransformerBlock | TokenMean | TakeClassToken,
    shape: Shape,
) -> Shape:
    """Return the same for a layer that needs tokens."""
    if len(shape) != 2:
        raise DoesNotFitError("it needs tokens, which PatchEmbedding makes")
    tokens, width = shape
    match layer:
        case ClassToken():
            return (tokens + 1, width)
        case TokenMean() | TakeClassToken():
            return (width,)
        case TransformerBlock(heads=heads) if width % heads:
            raise DoesNotFitError(
                f"its {heads} heads do not divide the width of {width} "
                f"({_divisors(heads, width)} would)"
            )
    return shape


def _shape_behind_both_ways(layer: Residual, shape: Shape) -> Shape:
    shapes = {}
    for way, layers in (("branch", layer.branch), ("shortcut", layer.shortcut)):
        try:
            shapes[way] = (shape, *shapes_behind(layers, shape))[-1]
        except DoesNotFitError as reason:
            raise DoesNotFitError(f"in its {way}, {reason}") from None
    if shapes["branch"] != shapes["shortcut"]:
        raise DoesNotFitError(
            f"its branch gives {times(shapes['branch'])}, its shortcut {times(shapes['shortcut'])}"
        )
    return shapes["branch"]


def _divisors(near: int, *of: int) -> str:
    """Return the divisors of all of some numbers that are nearest to another one, as words."""
    common = math.gcd(*of)
    fitting = [each for each in range(1, common + 1) if common % each == 0]
    below = [each for each in fitting if each < near][-1:]
    above = [each for each in fitting if each > near][:1]
    return " or ".join(map(str, below + above))


def times(shape: Shape) -> str:
    """Return a shape as people write it: ``3×32×32``."""
    return "×".join(map(str, shape))
