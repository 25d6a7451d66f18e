"""Patch embedding: from an image to tokens."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from seedbed.networks.initialization import Weight, bias_vector, matrix
from seedbed.networks.layers.base import Context, Kernel, Layer, Values, Weights
from seedbed.networks.layers.checks import require_integers
from seedbed.networks.layers.conv2d import convolve
from seedbed.networks.shapes import Shape, ShapeError, image_of, nearest_divisors


@dataclass(frozen=True)
class PatchEmbedding(Layer):
    """One token of ``embed_dim`` numbers for each patch of ``patch_size`` × ``patch_size`` pixels.

    Row by row. All patches share a linear layer, as in ``torch.nn.Conv2d(channels, embed_dim,
    patch_size, stride=patch_size)``. ``patch_size`` must divide the height and width of the image.
    """

    prefix: ClassVar[str] = "patches"
    has_weights: ClassVar[bool] = True
    adds_border: ClassVar[bool] = True

    embed_dim: int
    patch_size: int

    def __post_init__(self) -> None:
        require_integers(self, embed_dim=1, patch_size=1)

    @property
    def caption(self) -> str:
        return f"Patches {self.patch_size}×{self.patch_size}"

    def output_shape(self, input_shape: Shape) -> Shape:
        _, height, width = image_of(input_shape)
        size = self.patch_size
        if height % size or width % size:
            raise ShapeError(
                f"its {size}×{size} patches do not divide its {height}×{width} input "
                f"({nearest_divisors(size, height, width)} would)"
            )
        return height // size * (width // size), self.embed_dim

    def parameters(self, input_shape: Shape) -> dict[str, Weight]:
        shape = (self.embed_dim, input_shape[0], self.patch_size, self.patch_size)
        bias = bias_vector(shape[:1], fan_in=math.prod(shape[1:]))
        return {"weight": matrix(shape), "bias": bias}

    def multiply_adds(self, input_shape: Shape) -> int:
        return math.prod(self.output_shape(input_shape)) * input_shape[0] * self.patch_size**2

    def forward(self, x: Values, weights: Weights) -> Values:
        planes = convolve(x, weights, self.patch_size, self.patch_size)
        return planes.reshape(*planes.shape[:2], -1).swapaxes(1, 2)

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        settings = {
            "out_channels": self.embed_dim,
            "kernel_size": self.patch_size,
            "stride": self.patch_size,
            "padding": list(context.border),
            "bias": True,
        }
        return Kernel("conv", settings), Kernel("tokens")

    def module(self, nn: Any, input_shape: Shape) -> Any:
        return nn.PatchEmbedding(
            input_shape[0], self.embed_dim, self.patch_size, stride=self.patch_size
        )
