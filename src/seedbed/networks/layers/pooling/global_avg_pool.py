"""Global average pooling."""

from dataclasses import dataclass
from typing import Any, ClassVar

from seedbed.networks.layers.base import Context, Kernel, Layer, Values, Weights
from seedbed.networks.shapes import Shape, image_of


@dataclass(frozen=True)
class GlobalAvgPool2d(Layer):
    """The mean of each channel over all its pixels, as features."""

    prefix: ClassVar[str] = "pool"

    @property
    def caption(self) -> str:
        return "Global AvgPool"

    def output_shape(self, input_shape: Shape) -> Shape:
        return image_of(input_shape)[:1]

    def forward(self, x: Values, weights: Weights) -> Values:
        mean: Values = x.mean(axis=(2, 3))
        return mean

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        return (Kernel("global_avg_pool"),)

    def module(self, nn: Any, input_shape: Shape) -> Any:
        return nn.GlobalAvgPool2d()
