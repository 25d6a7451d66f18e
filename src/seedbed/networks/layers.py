"""The vocabulary of networks: frozen layers; those of transformers have a file of their own.

Layers have no weights, and say nothing of images: :mod:`seedbed.networks.shapes` knows what comes
out of them and which weights they need. Flattening goes channel by channel, row by row, as in
PyTorch.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, Union, get_args

from seedbed.core.errors import NetworkError
from seedbed.core.suggestions import unknown
from seedbed.networks.checks import require_integers, set_rate
from seedbed.networks.transformer import (
    ClassToken,
    LayerNorm,
    PatchEmbedding,
    PositionEncoding,
    TakeClassToken,
    TokenMean,
    TransformerBlock,
)

ActivationFunction = Literal["relu", "leaky-relu", "elu", "gelu", "sigmoid", "tanh"]


@dataclass(frozen=True)
class Pad:
    """Zeros around the normalized image until it is ``size`` × ``size``, the image in the middle.

    Only as the first layer. An odd difference leaves the extra row and column of zeros at the
    bottom and at the right.
    """

    size: int

    def __post_init__(self) -> None:
        require_integers(self, "pad", size=1)


@dataclass(frozen=True)
class Conv2d:
    """A convolution with a square kernel, as ``torch.nn.Conv2d``."""

    channels: int
    kernel_size: int
    stride: int = 1
    padding: int = 0
    bias: bool = True

    def __post_init__(self) -> None:
        require_integers(self, "conv", channels=1, kernel_size=1, stride=1, padding=0)
        if not isinstance(self.bias, bool):
            raise NetworkError(f"{self.bias!r} is not true or false", where="conv bias")


@dataclass(frozen=True)
class BatchNorm2d:
    """Each channel to mean 0 and variance 1, then scaled and shifted by weights.

    As ``torch.nn.BatchNorm2d`` (Ioffe and Szegedy 2015): over all images of the batch and all their
    pixels while training, when running statistics follow these with a momentum of 0.1; by the
    running statistics otherwise. 10⁻⁵ is added to the variance. A batch of a single value a channel
    has no variance: such a batch gives the biases.
    """


@dataclass(frozen=True)
class Activation:
    """A nonlinearity, applied to each value alone.

    ``slope`` is that of the leaky ReLU below zero, ``-alpha`` the limit of the ELU; neither may be
    given to a function that does not have it.
    """

    function: ActivationFunction
    slope: float = 0.01
    alpha: float = 1.0

    def __post_init__(self) -> None:
        known = get_args(ActivationFunction)
        if self.function not in known:
            raise NetworkError(unknown("activation", self.function, known))
        for setting, function in (("slope", "leaky-relu"), ("alpha", "elu")):
            value = getattr(self, setting)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise NetworkError(f"{value!r} is not a number", where=f"activation {setting}")
            if not math.isfinite(value) or value < 0:
                raise NetworkError(
                    f"{value!r} cannot be used", where=f"activation {setting}", expected="0 or more"
                )
            # As floats, so that 1 and 1.0 are the same configuration.
            object.__setattr__(self, setting, float(value))
            if self.function != function and value != getattr(Activation, setting):
                raise NetworkError(
                    f"{self.function} has no {setting}",
                    where="activation",
                    hint=f"leave {setting} out, or choose {function}",
                )


@dataclass(frozen=True)
class Dropout:
    """While training, sets each value to 0 with probability ``rate``, and scales the others up."""

    rate: float
    """0.0001 to 0.9999: further out, the 16 random bits of a value would not do."""

    def __post_init__(self) -> None:
        set_rate(self, "dropout", "rate")


@dataclass(frozen=True)
class MaxPool2d:
    """The largest value of each window; rows and columns that fill no window are left out.

    Where several values are the largest, the gradient goes to the first, row by row.
    """

    size: int
    stride: int | None = None
    """``None`` means ``size``, and reads as ``size`` afterwards."""

    def __post_init__(self) -> None:
        _complete_pool(self)


@dataclass(frozen=True)
class AvgPool2d:
    """The mean of each window; rows and columns that fill no window are left out."""

    size: int
    stride: int | None = None
    """``None`` means ``size``, and reads as ``size`` afterwards."""

    def __post_init__(self) -> None:
        _complete_pool(self)


@dataclass(frozen=True)
class GlobalAvgPool2d:
    """The mean of each channel over all its pixels, as features."""


@dataclass(frozen=True)
class Flatten:
    """Channels, rows and columns as one row of features, in this order."""


@dataclass(frozen=True)
class Linear:
    """A fully connected layer with a bias, as ``torch.nn.Linear``; needs flattened input."""

    features: int

    def __post_init__(self) -> None:
        require_integers(self, "fc", features=1)


Branched: TypeAlias = Conv2d | BatchNorm2d | Activation | Dropout | MaxPool2d | AvgPool2d
"""What a residual layer can hold."""


@dataclass(frozen=True)
class Residual:
    """``branch`` and ``shortcut`` of the same image, added up (He et al. 2016, section 3.2).

    Both must give the same shape.
    """

    branch: tuple[Branched, ...]
    """Layers, with weights in at least one of them."""
    shortcut: tuple[Branched, ...] = ()
    """Layers; none stand for the image itself."""

    def __post_init__(self) -> None:
        for way in ("branch", "shortcut"):
            layers = tuple(getattr(self, way))
            object.__setattr__(self, way, layers)
            for layer in layers:
                if not isinstance(layer, get_args(Branched)):
                    expected = ", ".join(kind.__name__ for kind in get_args(Branched))
                    raise NetworkError(
                        f"{layer!r} cannot stand there", where=f"residual {way}", expected=expected
                    )
        if not any(isinstance(layer, Conv2d | BatchNorm2d) for layer in self.branch):
            raise NetworkError("no layer has weights", where="residual branch")


Layer: TypeAlias = Union[  # noqa: UP007 # mypy cannot join two unions by |
    Branched,
    Pad,
    GlobalAvgPool2d,
    Residual,
    Flatten,
    Linear,
    PatchEmbedding,
    ClassToken,
    PositionEncoding,
    TransformerBlock,
    LayerNorm,
    TokenMean,
    TakeClassToken,
]

_PREFIXES: Final[Mapping[type[Layer], str]] = {
    Pad: "pad",
    Conv2d: "conv",
    BatchNorm2d: "bn",
    Activation: "activation",
    Dropout: "dropout",
    MaxPool2d: "pool",
    AvgPool2d: "pool",
    GlobalAvgPool2d: "pool",
    Residual: "residual",
    Flatten: "flatten",
    Linear: "fc",
    PatchEmbedding: "patches",
    ClassToken: "token",
    PositionEncoding: "positions",
    TransformerBlock: "block",
    LayerNorm: "norm",
    TokenMean: "mean",
    TakeClassToken: "take",
}


LAYERS: Final[Mapping[str, type[Layer]]] = {kind.__name__: kind for kind in get_args(Layer)}
"""Every layer by the name of its class."""


def layer_names(layers: Sequence[Layer]) -> tuple[str, ...]:
    """Name layers in a row by their kind and their number among them."""
    counts: Counter[str] = Counter()
    names = []
    for layer in layers:
        prefix = _PREFIXES[type(layer)]
        counts[prefix] += 1
        names.append(f"{prefix}{counts[prefix]}")
    return tuple(names)


def _complete_pool(layer: MaxPool2d | AvgPool2d) -> None:
    if layer.stride is None:
        object.__setattr__(layer, "stride", layer.size)
    require_integers(layer, "pool", size=1, stride=1)
