"""Fully connected layers."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from seedbed.core.errors import UnsupportedLayer
from seedbed.networks.initialization import Weight, bias_vector, matrix
from seedbed.networks.layers.base import Context, Kernel, Layer, Values, Weights, input_size
from seedbed.networks.layers.checks import (
    REQUIRED,
    check_input_size,
    require_flag,
    require_input_size,
    require_integers,
)
from seedbed.networks.shapes import Shape, ShapeError


@dataclass(frozen=True)
class Linear(Layer):
    """A fully connected layer for flattened input, as ``torch.nn.Linear``."""

    prefix: ClassVar[str] = "fc"
    has_weights: ClassVar[bool] = True

    in_features: int | None = input_size()
    """Inferred from the input by default."""
    out_features: int = REQUIRED
    bias: bool = True
    """The native engine supports only linear layers with a bias."""

    def __post_init__(self) -> None:
        require_input_size(self, "in_features")
        require_integers(self, out_features=1)
        require_flag(self, "bias")

    def output_shape(self, input_shape: Shape) -> Shape:
        if len(input_shape) != 1:
            layers = "TokenMean or TakeClassToken" if len(input_shape) == 2 else "a Flatten layer"
            raise ShapeError(f"it needs {layers} before it")
        check_input_size(self, "in_features", input_shape[0])
        return (self.out_features,)

    def parameters(self, input_shape: Shape) -> dict[str, Weight]:
        weights = {"weight": matrix((self.out_features, *input_shape))}
        if self.bias:
            weights["bias"] = bias_vector((self.out_features,), fan_in=input_shape[0])
        return weights

    def multiply_adds(self, input_shape: Shape) -> int:
        return input_shape[0] * self.out_features

    def forward(self, x: Values, weights: Weights) -> Values:
        return affine(x, weights)

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        if not self.bias:
            raise UnsupportedLayer(
                "the native engine does not support Linear layers without a bias"
            )
        return (Kernel("linear", {"out_features": self.out_features}),)

    def module(self, nn: Any, input_shape: Shape) -> Any:
        return nn.Linear(input_shape[0], self.out_features, bias=self.bias)


def affine(x: Values, weights: Weights, prefix: str = "") -> Values:
    """Return x Wᵀ + b with the weights ``weight`` and ``bias``; the bias is optional."""
    product: Values = x @ weights[f"{prefix}weight"].T.astype(np.float64)
    return product + weights.get(f"{prefix}bias", 0)
