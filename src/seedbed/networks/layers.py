"""The vocabulary of networks: a few frozen layers, and a network as a tuple of them.

A network has no weights. It says what the layers are; :meth:`Network.shapes` says what comes out of
each of them for images of a given size, and :meth:`Network.parameters` which weights they need. The
names and shapes of the weights are those of the obvious ``torch.nn.Module``: ``conv1.weight``,
``conv1.bias``, ... ``fc1.weight``, ..., in the order of the layers. Flattening goes channel by
channel, row by row, as in PyTorch.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias, get_args

from seedbed.errors import NetworkError
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
from seedbed.words import unknown

ActivationFunction = Literal["relu", "leaky-relu", "elu", "gelu", "sigmoid", "tanh"]
Shape: TypeAlias = tuple[int, ...]
"""(channels, height, width), (tokens, width), or (features,)."""


@dataclass(frozen=True)
class Pad:
    """Zeros around the normalised image until it is ``size`` × ``size``, the image in the middle.

    Only as the first layer. An odd difference leaves the extra row and column of zeros at the
    bottom and at the right.
    """

    size: int

    def __post_init__(self) -> None:
        require_integers(self, "pad", size=1)


@dataclass(frozen=True)
class Conv2d:
    """A convolution with a square kernel and a bias, as ``torch.nn.Conv2d``."""

    channels: int
    kernel_size: int
    stride: int = 1
    padding: int = 0

    def __post_init__(self) -> None:
        require_integers(self, "conv", channels=1, kernel_size=1, stride=1, padding=0)


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
                    mend=f"leave {setting} out, or choose {function}",
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
class Flatten:
    """Channels, rows and columns as one row of features, in this order."""


@dataclass(frozen=True)
class Linear:
    """A fully connected layer with a bias, as ``torch.nn.Linear``; needs flattened input."""

    features: int

    def __post_init__(self) -> None:
        require_integers(self, "fc", features=1)


Layer: TypeAlias = (
    Pad
    | Conv2d
    | Activation
    | Dropout
    | MaxPool2d
    | AvgPool2d
    | Flatten
    | Linear
    | PatchEmbedding
    | ClassToken
    | PositionEncoding
    | TransformerBlock
    | LayerNorm
    | TokenMean
    | TakeClassToken
)

_PREFIXES: Final[Mapping[type[Layer], str]] = {
    Pad: "pad",
    Conv2d: "conv",
    Activation: "activation",
    Dropout: "dropout",
    MaxPool2d: "pool",
    AvgPool2d: "pool",
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


@dataclass(frozen=True)
class Network:
    """An architecture: layers from the image to the logits, one a class.

    Raises:
        NetworkError: If something in ``layers`` is not a layer, or there are none.
    """

    name: str
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers:
            raise NetworkError("there are no layers", where=self.name)
        for position, layer in enumerate(self.layers):
            if not isinstance(layer, get_args(Layer)):
                raise NetworkError(
                    f"{layer!r} is not a layer", where=self.name, expected=", ".join(LAYERS)
                )
            if isinstance(layer, Pad) and position > 0:
                raise NetworkError("pad must be the first layer", where=self.name)

    @cached_property
    def layer_names(self) -> tuple[str, ...]:
        """Name each layer by its kind and its number among them: conv1, activation1, pool1, ..."""
        counts: Counter[str] = Counter()
        names = []
        for layer in self.layers:
            prefix = _PREFIXES[type(layer)]
            counts[prefix] += 1
            names.append(f"{prefix}{counts[prefix]}")
        return tuple(names)

    def shapes(self, image_shape: tuple[int, int, int]) -> tuple[Shape, ...]:
        """Return the shape of one image after each layer.

        Args:
            image_shape: (height, width, channels) of the images.

        Raises:
            NetworkError: If a layer does not fit; the message draws the network up to that layer.
        """
        height, width, channels = image_shape
        shape: Shape = (channels, height, width)
        drawing = f"image {_times(shape)}"
        shapes = []
        for position, (name, layer) in enumerate(zip(self.layer_names, self.layers, strict=True)):
            drawing += f" → {name}"
            try:
                shape = _output_shape(layer, shape, self.layers[:position])
            except _DoesNotFitError as reason:
                raise NetworkError(
                    f"{name} does not fit: {reason}: {drawing}", where=self.name
                ) from None
            drawing += f" {_times(shape)}"
            shapes.append(shape)
        return tuple(shapes)

    def check(self, image_shape: tuple[int, int, int], classes: int) -> None:
        """Raise :class:`NetworkError` unless an image becomes ``classes`` logits."""
        output = self.shapes(image_shape)[-1]
        if output != (classes,):
            raise NetworkError(
                f"the last layer, {self.layer_names[-1]}, gives {_times(output)} values an image, "
                f"but the dataset has {classes} classes",
                where=self.name,
            )

    def parameters(self, image_shape: tuple[int, int, int]) -> dict[str, Shape]:
        """Return name and shape of every weight, in the order of the layers.

        Convolution weights are (out, in, kernel, kernel), linear ones (out, in), biases (out,), the
        class token (width,), positions (tokens, width).

        Raises:
            NetworkError: If a layer does not fit.
        """
        height, width, channels = image_shape
        before: Shape = (channels, height, width)
        found: dict[str, Shape] = {}
        for name, layer, after in zip(
            self.layer_names, self.layers, self.shapes(image_shape), strict=True
        ):
            for weight, shape in _weights(layer, before).items():
                found[f"{name}.{weight}"] = shape
            before = after
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return what :meth:`from_dict` reads, as values that JSON and TOML can hold."""
        layers = [{"layer": type(layer).__name__, **asdict(layer)} for layer in self.layers]
        return {"name": self.name, "layers": layers}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Network":
        """Build the network that :meth:`to_dict` described.

        Raises:
            NetworkError: If a layer or one of its settings is not known.
        """
        name = str(values.get("name", "network"))
        layers = []
        for settings in values.get("layers", ()):
            arguments = dict(settings)
            kind = arguments.pop("layer", None)
            if kind not in LAYERS:
                raise NetworkError(unknown("layer", kind, LAYERS), where=name)
            try:
                layers.append(LAYERS[kind](**arguments))
            except TypeError as error:
                raise NetworkError(f"{kind}: {error}", where=name) from None
        return cls(name, tuple(layers))


LAYERS: Final[Mapping[str, type[Layer]]] = {kind.__name__: kind for kind in get_args(Layer)}
"""Every layer by the name of its class."""


class _DoesNotFitError(Exception):
    """Why a layer cannot take its input."""


def _output_shape(layer: Layer, shape: Shape, before: Sequence[Layer]) -> Shape:
    """Return what ``layer`` makes of one image of ``shape`` that the layers before it made."""
    match layer:
        case Activation() | Dropout():
            return shape
        case Linear(features=features):
            if len(shape) != 1:
                layers = "TokenMean or TakeClassToken" if len(shape) == 2 else "a flatten layer"
                raise _DoesNotFitError(f"it needs {layers} before it")
            return (features,)
        case LayerNorm():
            if len(shape) == 3:
                raise _DoesNotFitError("it needs tokens or features, not an image")
            return shape
        case TakeClassToken() if len(shape) == 2 and ClassToken() not in before:
            raise _DoesNotFitError("there is no ClassToken before it")
        case (
            ClassToken() | PositionEncoding() | TransformerBlock() | TokenMean() | TakeClassToken()
        ):
            return _shape_behind_tokens(layer, shape)
    if len(shape) != 3:
        raise _DoesNotFitError(f"its input is {'tokens' if len(shape) == 2 else 'flat'} already")
    channels, height, width = shape
    match layer:
        case Flatten():
            return (channels * height * width,)
        case Pad(size=size):
            if max(height, width) > size:
                raise _DoesNotFitError(f"the image is larger than {size}×{size}")
            return (channels, size, size)
        case PatchEmbedding(width=features, patch=patch):
            if height % patch or width % patch:
                raise _DoesNotFitError(
                    f"its {patch}×{patch} patches do not divide its {height}×{width} input"
                )
            return (height // patch * (width // patch), features)
        case Conv2d(channels=channels, kernel_size=window, stride=stride, padding=padding):
            height, width = height + 2 * padding, width + 2 * padding
        case MaxPool2d(size=window) | AvgPool2d(size=window):
            stride = layer.stride or window
    if window > min(height, width):
        raise _DoesNotFitError(
            f"its {window}×{window} window is larger than its {height}×{width} input"
        )
    return (channels, (height - window) // stride + 1, (width - window) // stride + 1)


def _shape_behind_tokens(
    layer: ClassToken | PositionEncoding | TransformerBlock | TokenMean | TakeClassToken,
    shape: Shape,
) -> Shape:
    """Return the same for a layer that needs tokens."""
    if len(shape) != 2:
        raise _DoesNotFitError("it needs tokens, which PatchEmbedding makes")
    tokens, width = shape
    match layer:
        case ClassToken():
            return (tokens + 1, width)
        case TokenMean() | TakeClassToken():
            return (width,)
        case TransformerBlock(heads=heads) if width % heads:
            raise _DoesNotFitError(f"its {heads} heads do not divide the width of {width}")
    return shape


def _weights(layer: Layer, before: Shape) -> dict[str, Shape]:
    """Return the weights of a layer whose input is of the shape ``before``, in their order."""
    match layer:
        case Conv2d(channels=out, kernel_size=kernel) | PatchEmbedding(width=out, patch=kernel):
            return {"weight": (out, before[0], kernel, kernel), "bias": (out,)}
        case Linear(features=out):
            return {"weight": (out, before[0]), "bias": (out,)}
        case ClassToken():
            return {"weight": before[1:]}
        case PositionEncoding(kind="learned"):
            return {"weight": before}
        case LayerNorm():
            return {"weight": before[-1:], "bias": before[-1:]}
        case TransformerBlock(mlp=mlp):
            width = before[-1]
            return {
                "norm1.weight": (width,),
                "norm1.bias": (width,),
                "self_attn.in_proj_weight": (3 * width, width),
                "self_attn.in_proj_bias": (3 * width,),
                "self_attn.out_proj.weight": (width, width),
                "self_attn.out_proj.bias": (width,),
                "norm2.weight": (width,),
                "norm2.bias": (width,),
                "linear1.weight": (mlp, width),
                "linear1.bias": (mlp,),
                "linear2.weight": (width, mlp),
                "linear2.bias": (width,),
            }
    return {}


def _complete_pool(layer: MaxPool2d | AvgPool2d) -> None:
    if layer.stride is None:
        object.__setattr__(layer, "stride", layer.size)
    require_integers(layer, "pool", size=1, stride=1)


def _times(shape: Shape) -> str:
    return "×".join(map(str, shape))
