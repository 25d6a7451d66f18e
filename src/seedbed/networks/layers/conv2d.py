"""Convolutions."""

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from seedbed.networks.initialization import Weight, bias_vector, matrix
from seedbed.networks.layers.base import Context, Kernel, Layer, Values, Weights, input_size
from seedbed.networks.layers.checks import (
    REQUIRED,
    check_input_size,
    require_flag,
    require_input_size,
    require_integers,
)
from seedbed.networks.layers.pooling.windows import windows_of
from seedbed.networks.shapes import Shape, image_of, windows


@dataclass(frozen=True)
class Conv2d(Layer):
    """A convolution with a square kernel, as ``torch.nn.Conv2d``."""

    prefix: ClassVar[str] = "conv"
    in_residual: ClassVar[bool] = True
    has_weights: ClassVar[bool] = True
    adds_border: ClassVar[bool] = True

    in_channels: int | None = input_size()
    """Inferred from the input by default."""
    out_channels: int = REQUIRED
    kernel_size: int = REQUIRED
    stride: int = 1
    padding: int = 0
    bias: bool = field(default=True, kw_only=True)

    def __post_init__(self) -> None:
        require_input_size(self, "in_channels")
        require_integers(self, out_channels=1, kernel_size=1, stride=1, padding=0)
        require_flag(self, "bias")

    @property
    def caption(self) -> str:
        return f"Conv {self.kernel_size}×{self.kernel_size}" + (
            f", stride {self.stride}" if self.stride > 1 else ""
        )

    def output_shape(self, input_shape: Shape) -> Shape:
        channels, height, width = image_of(input_shape)
        check_input_size(self, "in_channels", channels)
        height, width = height + 2 * self.padding, width + 2 * self.padding
        return self.out_channels, *windows(height, width, self.kernel_size, self.stride)

    def parameters(self, input_shape: Shape) -> dict[str, Weight]:
        shape = (self.out_channels, input_shape[0], self.kernel_size, self.kernel_size)
        weights = {"weight": matrix(shape)}
        if self.bias:
            weights["bias"] = bias_vector(shape[:1], fan_in=math.prod(shape[1:]))
        return weights

    def multiply_adds(self, input_shape: Shape) -> int:
        return math.prod(self.output_shape(input_shape)) * input_shape[0] * self.kernel_size**2

    def activations(self, input_shape: Shape) -> int:
        channels, height, width = input_shape
        padded = channels * (height + 2 * self.padding) * (width + 2 * self.padding)
        return max(math.prod(self.output_shape(input_shape)), padded)

    def pads(self, input_shape: Shape) -> bool:
        return self.padding > 0

    def forward(self, x: Values, weights: Weights) -> Values:
        sides = (self.padding, self.padding)
        padded = np.pad(x, ((0, 0), (0, 0), sides, sides))
        return convolve(padded, weights, self.kernel_size, self.stride)

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        padding = [side + self.padding for side in context.border]
        return (
            Kernel(
                "conv",
                {
                    "out_channels": self.out_channels,
                    "kernel_size": self.kernel_size,
                    "stride": self.stride,
                    "padding": padding,
                    "bias": self.bias,
                },
            ),
        )

    def module(self, nn: Any, input_shape: Shape) -> Any:
        sizes = (input_shape[0], self.out_channels, self.kernel_size, self.stride, self.padding)
        return nn.Conv2d(*sizes, bias=self.bias)


def convolve(x: Values, weights: Weights, kernel_size: int, stride: int) -> Values:
    """Return the N×out×H×W convolution of N×in×H×W, without padding; the bias is optional."""
    weight = weights["weight"].astype(np.float64)
    planes = np.tensordot(windows_of(x, kernel_size, stride), weight, axes=((1, 4, 5), (1, 2, 3)))
    bias = weights.get("bias")
    return np.moveaxis(planes if bias is None else planes + bias, -1, 1)
