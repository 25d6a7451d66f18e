"""Max-pooling."""

from dataclasses import dataclass
from typing import Any, ClassVar

from seedbed.networks.layers.base import Context, Kernel, Values, Weights
from seedbed.networks.layers.pooling.windows import WindowPool
from seedbed.networks.shapes import Shape


@dataclass(frozen=True)
class MaxPool2d(WindowPool):
    """The largest value of each window; rows and columns that fill no window are left out.

    As ``torch.nn.MaxPool2d``. Where several values are the largest, the gradient goes to the
    first, row by row.
    """

    takes_maxima: ClassVar[bool] = True

    def forward(self, x: Values, weights: Weights) -> Values:
        largest: Values = self.windows(x).max(axis=(-2, -1))
        return largest

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        return (Kernel("max_pool", {"kernel_size": self.kernel_size, "stride": self.stride}),)

    def module(self, nn: Any, input_shape: Shape) -> Any:
        return nn.MaxPool2d(self.kernel_size, self.stride)
