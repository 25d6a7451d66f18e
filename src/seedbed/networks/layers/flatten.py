"""Flattening of images."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from seedbed.networks.layers.base import Context, Kernel, Layer, Values, Weights
from seedbed.networks.shapes import Shape, image_of


@dataclass(frozen=True)
class Flatten(Layer):
    """Flattens an image into features: channel by channel, row by row."""

    prefix: ClassVar[str] = "flatten"

    def output_shape(self, input_shape: Shape) -> Shape:
        return (math.prod(image_of(input_shape)),)

    def forward(self, x: Values, weights: Weights) -> Values:
        return x.reshape(len(x), -1)

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        return ()  # the linear kernel reads images in PyTorch's order

    def module(self, nn: Any, input_shape: Shape) -> Any:
        return nn.Flatten()
