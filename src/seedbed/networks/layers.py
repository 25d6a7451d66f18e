"""The vocabulary of networks: a few frozen layers, and a network as a tuple of them.

A network has no weights. It says what the layers are; :meth:`Network.shapes` says what comes out of
each of them for images of a given size, and :meth:`Network.parameters` which weights they need. The
names and shapes of the weights are those of the obvious ``torch.nn.Module``: ``conv1.weight``,
``conv1.bias``, ... ``fc1.weight``, ..., in the order of the layers; those of a residual layer's
branch are called ``residual1.branch.conv1.weight``, .... Flattening goes channel by channel, row by
row, as in PyTorch.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias, Union, get_args

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


@dataclass(frozen=True)
class Placed:
    """A layer in a network."""

    name: str
    """As its weights begin: ``conv1``, or ``residual1.branch.conv1``."""
    layer: Layer
    before: Shape
    """Of one image that comes in."""
    after: Shape


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
        return layer_names(self.layers)

    def shapes(self, image_shape: tuple[int, int, int]) -> tuple[Shape, ...]:
        """Return the shape of one image after each layer.

        Args:
            image_shape: (height, width, channels) of the images.

        Raises:
            NetworkError: If a layer does not fit; the message draws the network up to that layer.
        """
        height, width, channels = image_shape
        try:
            return _shapes(self.layers, (channels, height, width), "image ")
        except _DoesNotFitError as reason:
            raise NetworkError(str(reason), where=self.name) from None

    def walk(self, image_shape: tuple[int, int, int]) -> Iterator[Placed]:
        """Yield every layer with its place.

        In front of a residual layer come those of its branch, then those of its shortcut.

        Raises:
            NetworkError: If a layer does not fit.
        """
        height, width, channels = image_shape
        shape: Shape = (channels, height, width)
        yield from _walk("", self.layers, shape, self.shapes(image_shape))

    def check(self, image_shape: tuple[int, int, int], classes: int) -> None:
        """Raise :class:`NetworkError` unless an image becomes ``classes`` logits."""
        output = self.shapes(image_shape)[-1]
        if output != (classes,):
            raise NetworkError(
                f"the last layer, {self.layer_names[-1]}, gives {times(output)} values an image, "
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
        return {
            f"{place.name}.{weight}": shape
            for place in self.walk(image_shape)
            for weight, shape in _weights(place.layer, place.before).items()
        }

    def buffers(self, image_shape: tuple[int, int, int]) -> dict[str, Shape]:
        """Return name and shape of what is kept beside the weights, in the order of the layers.

        It follows what is seen in training instead of a gradient: batch norm's running statistics.

        Raises:
            NetworkError: If a layer does not fit.
        """
        return {
            f"{place.name}.{buffer}": place.before[:1]
            for place in self.walk(image_shape)
            if isinstance(place.layer, BatchNorm2d)
            for buffer in ("running_mean", "running_var")
        }

    def to_dict(self) -> dict[str, Any]:
        """Return what :meth:`from_dict` reads, as values that JSON and TOML can hold."""
        return {"name": self.name, "layers": [_to_dict(layer) for layer in self.layers]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Network":
        """Build the network that :meth:`to_dict` described.

        Raises:
            NetworkError: If a layer or one of its settings is not known.
        """
        name = str(values.get("name", "network"))
        return cls(name, tuple(_from_dict(each, name) for each in values.get("layers", ())))


LAYERS: Final[Mapping[str, type[Layer]]] = {kind.__name__: kind for kind in get_args(Layer)}
"""Every layer by the name of its class."""


class _DoesNotFitError(Exception):
    """Why a layer cannot take its input."""


def layer_names(layers: Sequence[Layer]) -> tuple[str, ...]:
    """Name layers in a row by their kind and their number among them."""
    counts: Counter[str] = Counter()
    names = []
    for layer in layers:
        prefix = _PREFIXES[type(layer)]
        counts[prefix] += 1
        names.append(f"{prefix}{counts[prefix]}")
    return tuple(names)


def _shapes(layers: Sequence[Layer], shape: Shape, drawing: str = "") -> tuple[Shape, ...]:
    """Return the shape of one image of ``shape`` after each of some layers in a row."""
    drawing += times(shape)
    shapes = []
    for position, (name, layer) in enumerate(zip(layer_names(layers), layers, strict=True)):
        drawing += f" → {name}"
        try:
            shape = _output_shape(layer, shape, layers[:position])
        except _DoesNotFitError as reason:
            raise _DoesNotFitError(f"{name} does not fit: {reason}: {drawing}") from None
        drawing += f" {times(shape)}"
        shapes.append(shape)
    return tuple(shapes)


def _walk(
    prefix: str, layers: Sequence[Layer], before: Shape, shapes: Sequence[Shape]
) -> Iterator[Placed]:
    for name, layer, after in zip(layer_names(layers), layers, shapes, strict=True):
        if isinstance(layer, Residual):
            for way, inner in (("branch", layer.branch), ("shortcut", layer.shortcut)):
                yield from _walk(f"{prefix}{name}.{way}.", inner, before, _shapes(inner, before))
        yield Placed(prefix + name, layer, before, after)
        before = after


def _to_dict(layer: Layer) -> dict[str, Any]:
    settings = {"layer": type(layer).__name__, **asdict(layer)}
    if isinstance(layer, Residual):
        settings["branch"] = [_to_dict(inner) for inner in layer.branch]
        settings["shortcut"] = [_to_dict(inner) for inner in layer.shortcut]
    return settings


def _from_dict(settings: Mapping[str, Any], where: str) -> Layer:
    arguments = dict(settings)
    kind = arguments.pop("layer", None)
    if kind not in LAYERS:
        raise NetworkError(unknown("layer", kind, LAYERS), where=where)
    if kind == Residual.__name__:
        for way in ("branch", "shortcut"):
            arguments[way] = [_from_dict(inner, where) for inner in arguments.get(way, ())]
    try:
        return LAYERS[kind](**arguments)
    except TypeError as error:
        raise NetworkError(f"{kind}: {error}", where=where) from None


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
        case BatchNorm2d():
            return shape
        case Flatten():
            return (channels * height * width,)
        case GlobalAvgPool2d():
            return (channels,)
        case Residual():
            return _shape_behind_both_ways(layer, shape)
        case Pad(size=size):
            if max(height, width) > size:
                raise _DoesNotFitError(f"the image is larger than {size}×{size}")
            return (channels, size, size)
        case PatchEmbedding(width=features, patch=patch):
            if height % patch or width % patch:
                raise _DoesNotFitError(
                    f"its {patch}×{patch} patches do not divide its {height}×{width} input "
                    f"({_divisors(patch, height, width)} would)"
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
            raise _DoesNotFitError(
                f"its {heads} heads do not divide the width of {width} "
                f"({_divisors(heads, width)} would)"
            )
    return shape


def _shape_behind_both_ways(layer: Residual, shape: Shape) -> Shape:
    shapes = {}
    for way, layers in (("branch", layer.branch), ("shortcut", layer.shortcut)):
        try:
            shapes[way] = (shape, *_shapes(layers, shape))[-1]
        except _DoesNotFitError as reason:
            raise _DoesNotFitError(f"in its {way}, {reason}") from None
    if shapes["branch"] != shapes["shortcut"]:
        raise _DoesNotFitError(
            f"its branch gives {times(shapes['branch'])}, its shortcut {times(shapes['shortcut'])}"
        )
    return shapes["branch"]


def _weights(layer: Layer, before: Shape) -> dict[str, Shape]:
    """Return the weights of a layer whose input is of the shape ``before``, in their order."""
    match layer:
        case Conv2d(channels=out, kernel_size=kernel) | PatchEmbedding(width=out, patch=kernel):
            weight = {"weight": (out, before[0], kernel, kernel)}
            has_bias = isinstance(layer, PatchEmbedding) or layer.bias
            return weight | ({"bias": (out,)} if has_bias else {})
        case BatchNorm2d():
            return {"weight": before[:1], "bias": before[:1]}
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


def _divisors(near: int, *of: int) -> str:
    """Return the divisors of all of some numbers that are nearest to another one, as words."""
    common = math.gcd(*of)
    fitting = [each for each in range(1, common + 1) if common % each == 0]
    below = [each for each in fitting if each < near][-1:]
    above = [each for each in fitting if each > near][:1]
    return " or ".join(map(str, below + above))


def times(shape: Shape) -> str:
    """Return a shape as people write it: ``3×32×32``."""
    return "×".join(map(str, shape))
