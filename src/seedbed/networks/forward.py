"""A network applied to a few images in NumPy, with what its attention looked at on the way.

For pictures of what happens inside; engines are what trains and evaluates networks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr, softmax

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
from seedbed.networks.network import Network
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

Values = NDArray[np.float64]
Weights = Mapping[str, NDArray[np.float32]]

_EPSILON: Final = 1e-5
"""Added to variances by layer norm and batch norm, as in PyTorch."""


@dataclass
class Forward:
    """What a network makes of N images."""

    logits: Values
    """N×K."""
    attention: list[Values] = field(default_factory=list)
    """Of each transformer block, N×heads×T×T: how much token i (row) takes from token j; rows sum
    to 1. The class token, where there is one, is the first of the T tokens."""


def forward(network: Network, weights: Weights, images: NDArray[np.floating]) -> Forward:
    """Apply a network as it is evaluated, without dropout.

    Args:
        network: The layers.
        weights: Parameters and buffers by name.
        images: N×C×H×W, normalized.
    """
    result = Forward(np.asarray(images, np.float64))
    result.logits = _through("", network.layers, weights, result.logits, result.attention)
    return result


def _through(
    prefix: str, layers: Sequence[Layer], weights: Weights, x: Values, attention: list[Values]
) -> Values:
    for name, layer in zip(layer_names(layers), layers, strict=True):
        start = f"{prefix}{name}."
        own = {key.removeprefix(start): weights[key] for key in weights if key.startswith(start)}
        if isinstance(layer, Residual):
            branch = _through(f"{start}branch.", layer.branch, weights, x, attention)
            x = branch + _through(f"{start}shortcut.", layer.shortcut, weights, x, attention)
        elif isinstance(layer, TransformerBlock):
            x = _block(layer, own, x, attention)
        else:
            x = _apply(layer, own, x)
    return x


def _apply(layer: Layer, weights: Weights, x: Values) -> Values:
    result: Values
    match layer:
        case Dropout():
            result = x
        case Activation():
            result = _activated(layer, x)
        case Pad(size=size):
            rows, columns = size - x.shape[2], size - x.shape[3]
            sides = ((rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2))
            result = np.pad(x, ((0, 0), (0, 0), *sides))
        case Conv2d(kernel_size=kernel, stride=stride, padding=padding):
            sides = ((padding, padding), (padding, padding))
            result = _convolved(np.pad(x, ((0, 0), (0, 0), *sides)), weights, kernel, stride)
        case PatchEmbedding(patch=patch):
            planes = _convolved(x, weights, patch, patch)
            result = planes.reshape(*planes.shape[:2], -1).swapaxes(1, 2)
        case BatchNorm2d():
            result = _standardized(x, weights)
        case MaxPool2d(size=size, stride=step):
            result = _windows(x, size, step or size).max(axis=(-2, -1))
        case AvgPool2d(size=size, stride=step):
            result = _windows(x, size, step or size).mean(axis=(-2, -1))
        case GlobalAvgPool2d():
            result = x.mean(axis=(2, 3))
        case Flatten():
            result = x.reshape(len(x), -1)
        case Linear():
            result = _linear(x, weights["weight"], weights["bias"])
        case ClassToken():
            token = np.broadcast_to(weights["weight"], (len(x), 1, x.shape[2]))
            result = np.concatenate([token, x], axis=1)
        case PositionEncoding(kind=kind):
            result = x + (weights["weight"] if kind == "learned" else sinusoidal(*x.shape[1:]))
        case LayerNorm():
            result = _normalized(x, weights["weight"], weights["bias"])
        case TokenMean():
            result = x.mean(axis=1)
        case TakeClassToken():
            result = x[:, 0]
        case _:
            raise AssertionError(f"{layer!r} is applied elsewhere")
    return result


def _activated(layer: Activation, x: Values) -> Values:
    functions: Mapping[str, Any] = {
        "relu": lambda: np.maximum(x, 0),
        "leaky-relu": lambda: np.where(x > 0, x, layer.slope * x),
        "elu": lambda: np.where(x > 0, x, layer.alpha * np.expm1(np.minimum(x, 0))),
        "gelu": lambda: x * ndtr(x),
        "sigmoid": lambda: expit(x),
        "tanh": lambda: np.tanh(x),
    }
    activated: Values = functions[layer.function]()
    return activated


def _block(layer: TransformerBlock, weights: Weights, x: Values, attention: list[Values]) -> Values:
    images, tokens, width = x.shape
    heads = layer.heads
    normalized = _normalized(x, weights["norm1.weight"], weights["norm1.bias"])
    projected = _linear(
        normalized, weights["self_attn.in_proj_weight"], weights["self_attn.in_proj_bias"]
    )
    # N×T×(3·heads·width) to 3×N×heads×T×width.
    query, key, value = projected.reshape(images, tokens, 3, heads, -1).transpose(2, 0, 3, 1, 4)
    scores = query @ key.swapaxes(-1, -2) / np.sqrt(width // heads)
    attention.append(softmax(scores, axis=-1))
    mixed = (attention[-1] @ value).swapaxes(1, 2).reshape(x.shape)
    x = x + _linear(mixed, weights["self_attn.out_proj.weight"], weights["self_attn.out_proj.bias"])
    hidden = _linear(
        _normalized(x, weights["norm2.weight"], weights["norm2.bias"]),
        weights["linear1.weight"],
        weights["linear1.bias"],
    )
    return x + _linear(hidden * ndtr(hidden), weights["linear2.weight"], weights["linear2.bias"])


def _linear(x: Values, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> Values:
    product: Values = x @ weight.T.astype(np.float64)
    return product + bias


def _normalized(x: Values, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> Values:
    centered: Values = x - x.mean(axis=-1, keepdims=True)
    variance: Values = np.mean(centered**2, axis=-1, keepdims=True)
    return centered / np.sqrt(variance + _EPSILON) * weight + bias


def _standardized(x: Values, weights: Weights) -> Values:
    """Apply batch norm with its running statistics, a mean and a variance a channel."""
    by_channel = {name: array[:, None, None] for name, array in weights.items()}
    deviation: Values = np.sqrt(by_channel["running_var"].astype(np.float64) + _EPSILON)
    normal = (x - by_channel["running_mean"]) / deviation
    return normal * by_channel["weight"] + by_channel["bias"]


def _windows(x: Values, size: int, stride: int) -> Values:
    """Return N×C×H×W×size×size."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    return windows[:, :, ::stride, ::stride]


def _convolved(x: Values, weights: Weights, kernel: int, stride: int) -> Values:
    weight = weights["weight"].astype(np.float64)
    planes = np.tensordot(_windows(x, kernel, stride), weight, axes=((1, 4, 5), (1, 2, 3)))
    bias = weights.get("bias")
    return np.moveaxis(planes if bias is None else planes + bias, -1, 1)
