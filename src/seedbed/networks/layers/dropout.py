"""Dropout."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from seedbed.networks.layers.base import Context, Kernel, Layer, Mask, Values, Weights
from seedbed.networks.layers.checks import set_probability
from seedbed.networks.shapes import Shape


@dataclass(frozen=True)
class Dropout(Layer):
    """Sets each value to 0 with probability ``p`` in training, and scales up the others.

    As ``torch.nn.Dropout``.
    """

    prefix: ClassVar[str] = "dropout"
    in_residual: ClassVar[bool] = True

    p: float = 0.5
    """0.0001 to 0.9999, the range that the 16 random bits of a value can represent."""

    @property
    def caption(self) -> str:
        return f"Dropout {self.p:g}"

    def __post_init__(self) -> None:
        set_probability(self, "p")

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def masks(self, input_shape: Shape) -> tuple[Mask, ...]:
        return (Mask(math.prod(input_shape), self.p),)

    def forward(self, x: Values, weights: Weights) -> Values:
        return x

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        return (Kernel("dropout", {"p": self.p}),)

    def module(self, nn: Any, input_shape: Shape) -> Any:
        return nn.MaskedDropout(self.p, math.prod(input_shape))
