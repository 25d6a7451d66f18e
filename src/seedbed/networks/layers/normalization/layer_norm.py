"""Layer normalization."""

from dataclasses import dataclass
from typing import Any, ClassVar

from seedbed.networks.initialization import Weight
from seedbed.networks.layers.base import Context, Kernel, Layer, Values, Weights, input_size
from seedbed.networks.layers.checks import check_input_size, require_input_size
from seedbed.networks.layers.normalization.scale import scale_and_shift, standardized
from seedbed.networks.shapes import Shape, ShapeError


@dataclass(frozen=True)
class LayerNorm(Layer):
    """Normalizes each token to mean 0 and variance 1, then scales and shifts it by weights.

    As ``torch.nn.LayerNorm(embed_dim)``; without tokens, over all features of an image. 10⁻⁵ is
    added to the variance.
    """

    prefix: ClassVar[str] = "norm"
    has_weights: ClassVar[bool] = True

    normalized_shape: int | None = input_size()
    """Size of a token, or number of features; inferred from the input by default."""

    def __post_init__(self) -> None:
        require_input_size(self, "normalized_shape")

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) == 3:
            raise ShapeError("it needs tokens or features, not an image")
        check_input_size(self, "normalized_shape", input_shape[-1])
        return input_shape

    def parameters(self, input_shape: Shape) -> dict[str, Weight]:
        return scale_and_shift(input_shape[-1])

    def forward(self, x: Values, weights: Weights) -> Values:
        return layer_norm(x, weights)

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        features = (Kernel("flatten"),) if len(context.input_shape) == 1 else ()
        return (*features, Kernel("layer_norm"))

    def module(self, nn: Any, input_shape: Shape) -> Any:
        return nn.LayerNorm(input_shape[-1])


def layer_norm(x: Values, weights: Weights, prefix: str = "") -> Values:
    """Return x normalized over its last axis, with the weights ``weight`` and ``bias``."""
    return standardized(x, -1) * weights[f"{prefix}weight"] + weights[f"{prefix}bias"]
