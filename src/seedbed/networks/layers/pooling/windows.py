"""Windows of an image, and the base class of pooling layers with windows."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from seedbed.networks.layers.base import Layer, Values
from seedbed.networks.layers.checks import require_integers
from seedbed.networks.shapes import Shape, image_of, windows


@dataclass(frozen=True)
class WindowPool(Layer):
    """A pooling layer; rows and columns that do not fill a window are dropped."""

    prefix: ClassVar[str] = "pool"
    in_residual: ClassVar[bool] = True

    kernel_size: int
    stride: int | None = None
    """``None`` is replaced by ``kernel_size``."""

    def __post_init__(self) -> None:
        if self.stride is None:
            object.__setattr__(self, "stride", self.kernel_size)
        require_integers(self, kernel_size=1, stride=1)

    @property
    def caption(self) -> str:
        name = type(self).__name__.removesuffix("2d")
        return f"{name} {self.kernel_size}×{self.kernel_size}"

    def output_shape(self, input_shape: Shape) -> Shape:
        channels, height, width = image_of(input_shape)
        return channels, *windows(height, width, self.kernel_size, self.stride or 1)

    def windows(self, x: Values) -> Values:
        """Return N×C×H×W×size×size."""
        return windows_of(x, self.kernel_size, self.stride or 1)


def windows_of(x: Values, size: int, stride: int) -> Values:
    """Return N×C×H×W×size×size of N×C×... images."""
    every = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(2, 3))
    return every[:, :, ::stride, ::stride]
