"""Group normalization."""

from dataclasses import dataclass
from typing import Any, ClassVar

from seedbed.networks.initialization import Weight
from seedbed.networks.layers.base import Context, Kernel, Layer, Values, Weights, input_size
from seedbed.networks.layers.checks import check_input_size, require_input_size, require_integers
from seedbed.networks.layers.normalization.scale import scale_and_shift, standardized
from seedbed.networks.shapes import Shape, ShapeError, image_of, nearest_divisors


@dataclass(frozen=True)
class GroupNorm(Layer):
    """Normalizes groups of channels to mean 0 and variance 1, then scales and shifts each channel.

    As ``torch.nn.GroupNorm`` (Wu and He 2018). The statistics are those of all pixels of a group in
    one image, independent of the batch. 10⁻⁵ is added to the variance. ``num_groups`` must divide
    the number of channels.
    """

    prefix: ClassVar[str] = "gn"
    in_residual: ClassVar[bool] = True
    has_weights: ClassVar[bool] = True

    num_groups: int
    num_channels: int | None = input_size()
    """Inferred from the input by default."""

    def __post_init__(self) -> None:
        require_integers(self, num_groups=1)
        require_input_size(self, "num_channels")

    def output_shape(self, input_shape: Shape) -> Shape:
        channels, _, _ = image_of(input_shape)
        check_input_size(self, "num_channels", channels)
        if channels % self.num_groups:
            raise ShapeError(
                f"its {self.num_groups} groups do not divide its {channels} channels "
                f"({nearest_divisors(self.num_groups, channels)} would)"
            )
        return input_shape

    def parameters(self, input_shape: Shape) -> dict[str, Weight]:
        return scale_and_shift(input_shape[0])

    def forward(self, x: Values, weights: Weights) -> Values:
        by_channel = {name: array[:, None, None] for name, array in weights.items()}
        grouped = x.reshape(len(x), self.num_groups, -1)
        normal = standardized(grouped, -1).reshape(x.shape)
        return normal * by_channel["weight"] + by_channel["bias"]

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        return (Kernel("group_norm", {"num_groups": self.num_groups}),)

    def module(self, nn: Any, input_shape: Shape) -> Any:
        return nn.GroupNorm(self.num_groups, input_shape[0])
