"""Batch normalization."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from seedbed.networks.initialization import Weight, constant
from seedbed.networks.layers.base import Context, Kernel, Layer, Values, Weights, input_size
from seedbed.networks.layers.checks import check_input_size, require_input_size
from seedbed.networks.layers.normalization.scale import EPS, scale_and_shift
from seedbed.networks.shapes import Shape, image_of


@dataclass(frozen=True)
class BatchNorm2d(Layer):
    """Normalizes each channel to mean 0 and variance 1, then scales and shifts it by weights.

    As ``torch.nn.BatchNorm2d`` (Ioffe and Szegedy 2015). Training uses the statistics of the batch
    and updates running statistics with a momentum of 0.1; evaluation uses the running statistics.
    10⁻⁵ is added to the variance. A batch with a single value per channel has no variance, and its
    output is the bias.
    """

    prefix: ClassVar[str] = "bn"
    in_residual: ClassVar[bool] = True
    has_weights: ClassVar[bool] = True

    num_features: int | None = input_size()
    """Channels; inferred from the input by default."""

    def __post_init__(self) -> None:
        require_input_size(self, "num_features")

    @property
    def caption(self) -> str:
        return "BatchNorm"

    def output_shape(self, input_shape: Shape) -> Shape:
        channels, _, _ = image_of(input_shape)
        check_input_size(self, "num_features", channels)
        return input_shape

    def parameters(self, input_shape: Shape) -> dict[str, Weight]:
        return scale_and_shift(input_shape[0])

    def buffers(self, input_shape: Shape) -> dict[str, Weight]:
        channels = input_shape[:1]
        return {"running_mean": constant(0.0, channels), "running_var": constant(1.0, channels)}

    def forward(self, x: Values, weights: Weights) -> Values:
        by_channel = {name: array[:, None, None] for name, array in weights.items()}
        deviation: Values = np.sqrt(by_channel["running_var"].astype(np.float64) + EPS)
        normal = (x - by_channel["running_mean"]) / deviation
        return normal * by_channel["weight"] + by_channel["bias"]

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        return (Kernel("batch_norm"),)

    def module(self, nn: Any, input_shape: Shape) -> Any:
        return nn.BatchNorm(input_shape[0])
