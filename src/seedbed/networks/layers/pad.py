"""Zero padding."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from seedbed.core.errors import UnsupportedLayer
from seedbed.networks.layers.base import Border, Context, Kernel, Layer, Values, Weights
from seedbed.networks.layers.checks import require_integers
from seedbed.networks.shapes import Shape, ShapeError, image_of


@dataclass(frozen=True)
class Pad(Layer):
    """Pads the normalized image with zeros to ``size`` × ``size``, with the image in the center.

    Only as the first layer. If the difference is odd, the extra row and column are at the bottom
    and on the right.
    """

    prefix: ClassVar[str] = "pad"
    first_only: ClassVar[bool] = True

    size: int

    def __post_init__(self) -> None:
        require_integers(self, size=1)

    @property
    def caption(self) -> str:
        return f"Pad to {self.size}×{self.size}"

    def output_shape(self, input_shape: Shape) -> Shape:
        channels, height, width = image_of(input_shape)
        if max(height, width) > self.size:
            raise ShapeError(f"the image is larger than {self.size}×{self.size}")
        return channels, self.size, self.size

    def border(self, input_shape: Shape) -> Border:
        _, height, width = input_shape
        top, left = (self.size - height) // 2, (self.size - width) // 2
        return top, left, self.size - height - top, self.size - width - left

    def pads(self, input_shape: Shape) -> bool:
        return any(self.border(input_shape))

    def forward(self, x: Values, weights: Weights) -> Values:
        top, left, bottom, right = self.border(x.shape[1:])
        return np.pad(x, ((0, 0), (0, 0), (top, bottom), (left, right)))

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        if not context.behind or not context.behind[0].adds_border:
            raise UnsupportedLayer(
                "the native engine supports Pad only before a convolution",
                hint="put Conv2d or PatchEmbedding right after the Pad layer",
            )
        return ()  # the convolution pads

    def module(self, nn: Any, input_shape: Shape) -> Any:
        top, left, bottom, right = self.border(input_shape)
        return nn.ZeroPad2d((left, right, top, bottom))
