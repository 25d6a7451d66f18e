"""Average pooling."""

from dataclasses import dataclass
from typing import Any

from seedbed.networks.layers.base import Context, Kernel, Values, Weights
from seedbed.networks.layers.pooling.windows import WindowPool
from seedbed.networks.shapes import Shape


@dataclass(frozen=True)
class AvgPool2d(WindowPool):
    """The mean of each window; rows and columns that do not fill a window are dropped.

    As ``torch.nn.AvgPool2d``.
    """

    def forward(self, x: Values, weights: Weights) -> Values:
        mean: Values = self.windows(x).mean(axis=(-2, -1))
        return mean

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        return (Kernel("avg_pool", {"kernel_size": self.kernel_size, "stride": self.stride}),)

    def module(self, nn: Any, input_shape: Shape) -> Any:
        return nn.AvgPool2d(self.kernel_size, self.stride)
