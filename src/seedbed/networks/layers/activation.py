"""Nonlinearities."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, get_args

import numpy as np

from seedbed.core.errors import NetworkError
from seedbed.networks.layers.base import Context, Kernel, Layer, Values, Weights
from seedbed.networks.layers.checks import require_choice, where
from seedbed.networks.shapes import Shape

ActivationFunction = Literal["relu", "leaky-relu", "elu", "gelu", "sigmoid", "tanh"]


@dataclass(frozen=True)
class Activation(Layer):
    """An elementwise nonlinearity.

    ``negative_slope`` belongs to ``leaky-relu`` and ``alpha`` to ``elu``, which tends to ``-alpha``
    for negative inputs. Other functions reject them.
    """

    prefix: ClassVar[str] = "activation"
    in_residual: ClassVar[bool] = True

    function: ActivationFunction
    negative_slope: float = 0.01
    alpha: float = 1.0

    def __post_init__(self) -> None:
        require_choice(self, "function", "activation", get_args(ActivationFunction))
        for setting, function in SETTINGS.items():
            value = getattr(self, setting)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise NetworkError(f"{value!r} is not a number", where=where(self, setting))
            if not math.isfinite(value) or value < 0:
                raise NetworkError(
                    f"{value!r} cannot be used", where=where(self, setting), expected="0 or more"
                )
            # As a float, so that 1 and 1.0 give the same configuration.
            object.__setattr__(self, setting, float(value))
            if self.function != function and value != getattr(Activation, setting):
                raise NetworkError(
                    f"{self.function} has no {setting}",
                    where=where(self, setting),
                    hint=f"remove {setting}, or choose {function}",
                )

    @property
    def caption(self) -> str:
        return _CAPTIONS.get(self.function, self.function)

    @property
    def monotone(self) -> bool:
        return self.function != "gelu"

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape

    def forward(self, x: Values, weights: Weights) -> Values:
        return _NUMPY[self.function](self, x)

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        settings = {
            setting: getattr(self, setting)
            for setting, function in SETTINGS.items()
            if self.function == function
        }
        return (Kernel(self.function.replace("-", "_"), settings),)

    def module(self, nn: Any, input_shape: Shape) -> Any:
        match self.function:
            case "relu":
                return nn.ReLU()
            case "leaky-relu":
                return nn.LeakyReLU(self.negative_slope)
            case "elu":
                return nn.ELU(self.alpha)
            case "gelu":
                return nn.GELU()
            case "sigmoid":
                return nn.Sigmoid()
            case "tanh":
                return nn.Tanh()


_CAPTIONS: Final[Mapping[ActivationFunction, str]] = {
    "relu": "ReLU",
    "leaky-relu": "LeakyReLU",
    "elu": "ELU",
    "gelu": "GELU",
}

SETTINGS: Final[Mapping[str, ActivationFunction]] = {
    "negative_slope": "leaky-relu",
    "alpha": "elu",
}
"""Setting -> the function that it belongs to."""


def gelu(x: Values) -> Values:
    """Return x times the standard normal distribution function at x."""
    # SciPy takes a fifth of a second to import, and few commands compute in NumPy.
    from scipy.special import ndtr

    result: Values = x * ndtr(x)
    return result


def _sigmoid(x: Values) -> Values:
    from scipy.special import expit

    result: Values = expit(x)
    return result


_NUMPY: Final[Mapping[ActivationFunction, Callable[[Activation, Values], Values]]] = {
    "relu": lambda _, x: np.maximum(x, 0),
    "leaky-relu": lambda layer, x: np.where(x > 0, x, layer.negative_slope * x),
    "elu": lambda layer, x: np.where(x > 0, x, layer.alpha * np.expm1(np.minimum(x, 0))),
    "gelu": lambda _, x: gelu(x),
    "sigmoid": lambda _, x: _sigmoid(x),
    "tanh": lambda _, x: np.tanh(x),
}
