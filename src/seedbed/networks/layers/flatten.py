"""From an image to features."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from seedbed.networks.layers.base import Context, Kernel, Layer, Values, Weights
from seedbed.networks.shapes import Shape, image_of


@dataclass(frozen=True)
class Flatten(Layer):
    """Channels, rows and columns as one row of features, in this order."""

    prefix: ClassVar[str] = "flatten"

    def output_shape(self, input_shape: Shape) -> Shape:
        return (math.prod(image_of(input_shape)),)

    def forward(self, x: Values, weights: Weights) -> Values:
        return x.reshape(len(x), -1)

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        return ()  # a linear kernel takes features in PyTorch's order

    def module(self, nn: Any, input_shape: Shape) -> Any:
        return nn.Flatten()
