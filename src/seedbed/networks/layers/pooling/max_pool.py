"""Max-pooling."""

from dataclasses import dataclass
from typing import Any, ClassVar

from seedbed.networks.layers.base import Context, Kernel, Values, Weights
from seedbed.networks.layers.pooling.windows import WindowPool
from seedbed.networks.shapes import Shape


@dataclass(frozen=True)
class MaxPool2d(WindowPool):
    """The maximum of each window; rows and columns that do not fill a window are dropped.

    As ``torch.nn.MaxPool2d``. In a tie, the gradient goes to the first maximum, row by row.
    """

    takes_maxima: ClassVar[bool] = True

    def forward(self, x: Values, weights: Weights) -> Values:
        largest: Values = self.windows(x).max(axis=(-2, -1))
        return largest

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        return (Kernel("max_pool", {"kernel_size": self.kernel_size, "stride": self.stride}),)

    def module(self, nn: Any, input_shape: Shape) -> Any:
        return nn.MaxPool2d(self.kernel_size, self.stride)
