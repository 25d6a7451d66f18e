"""The class token, and the layer that selects it."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

import numpy as np

from seedbed.networks.initialization import Weight, normal
from seedbed.networks.layers.base import Context, Kernel, Layer, Values, Weights
from seedbed.networks.shapes import Shape, tokens_of

EMBEDDING_STD: Final = 0.02
"""Standard deviation of the initial class token and positions, as in timm."""


@dataclass(frozen=True)
class ClassToken(Layer):
    """Adds a learned token before the others."""

    prefix: ClassVar[str] = "token"
    has_weights: ClassVar[bool] = True

    @property
    def caption(self) -> str:
        return "Class token"

    def output_shape(self, input_shape: Shape) -> Shape:
        tokens, embed_dim = tokens_of(input_shape)
        return tokens + 1, embed_dim

    def parameters(self, input_shape: Shape) -> dict[str, Weight]:
        return {"weight": normal(EMBEDDING_STD, input_shape[1:])}

    def forward(self, x: Values, weights: Weights) -> Values:
        token = np.broadcast_to(weights["weight"], (len(x), 1, x.shape[2]))
        return np.concatenate([token, x], axis=1)

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        return (Kernel("class_token"),)

    def module(self, nn: Any, input_shape: Shape) -> Any:
        return nn.ClassToken(input_shape[1])


@dataclass(frozen=True)
class TakeClassToken(Layer):
    """Selects the class token as features."""

    prefix: ClassVar[str] = "take"
    requires: ClassVar[type[Layer] | None] = ClassToken

    @property
    def caption(self) -> str:
        return "Take class token"

    def output_shape(self, input_shape: Shape) -> Shape:
        return tokens_of(input_shape)[1:]

    def forward(self, x: Values, weights: Weights) -> Values:
        return x[:, 0]

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        return (Kernel("first_token"),)

    def module(self, nn: Any, input_shape: Shape) -> Any:
        return nn.TakeClassToken()
