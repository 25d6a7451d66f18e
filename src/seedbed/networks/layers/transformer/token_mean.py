"""The mean of all tokens."""

from dataclasses import dataclass
from typing import Any, ClassVar

from seedbed.networks.layers.base import Context, Kernel, Layer, Values, Weights
from seedbed.networks.shapes import Shape, tokens_of


@dataclass(frozen=True)
class TokenMean(Layer):
    """The mean of all tokens, as features."""

    prefix: ClassVar[str] = "mean"

    @property
    def caption(self) -> str:
        return "Mean of tokens"

    def output_shape(self, input_shape: Shape) -> Shape:
        return tokens_of(input_shape)[1:]

    def forward(self, x: Values, weights: Weights) -> Values:
        mean: Values = x.mean(axis=1)
        return mean

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        return (Kernel("token_mean"),)

    def module(self, nn: Any, input_shape: Shape) -> Any:
        return nn.TokenMean()
