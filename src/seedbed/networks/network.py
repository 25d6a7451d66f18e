"""A network: a tuple of layers, from the image to the logits.

A network has no weights. :meth:`Network.shapes` says what comes out of its layers for images of a
given size, and :meth:`Network.parameters` which weights they need. The names and shapes of the
weights are those of the obvious ``torch.nn.Module``: ``conv1.weight``, ``conv1.bias``, ...
``fc1.weight``, ..., in the order of the layers; those of a residual layer's branch are called
``residual1.branch.conv1.weight``, ....
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, get_args

from seedbed.core.errors import NetworkError
from seedbed.core.suggestions import unknown
from seedbed.networks.layers import LAYERS, BatchNorm2d, Layer, Pad, Residual, layer_names
from seedbed.networks.shapes import DoesNotFitError, Shape, shapes_behind, times, weights_of


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
            return shapes_behind(self.layers, (channels, height, width), "image ")
        except DoesNotFitError as reason:
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
            for weight, shape in weights_of(place.layer, place.before).items()
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


def _walk(
    prefix: str, layers: Sequence[Layer], before: Shape, shapes: Sequence[Shape]
) -> Iterator[Placed]:
    for name, layer, after in zip(layer_names(layers), layers, shapes, strict=True):
        if isinstance(layer, Residual):
            for way, inner in (("branch", layer.branch), ("shortcut", layer.shortcut)):
                shapes_there = shapes_behind(inner, before)
                yield from _walk(f"{prefix}{name}.{way}.", inner, before, shapes_there)
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
