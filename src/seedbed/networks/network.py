"""A network: its layers, from the image to the logits, without weights.

:meth:`Network.shapes` says what comes out of its layers for images of a given size, and
:meth:`Network.parameters` which weights they need. The names and shapes of the weights are those of
the obvious ``torch.nn.Module``: ``conv1.weight``, ``conv1.bias``, ... ``fc1.weight``, ..., in the
order of the layers; those of a residual layer's branch are called
``residual1.branch.conv1.weight``, ....

Everything that is done with a network goes through the methods here. A module of PyTorch
(:class:`~seedbed.networks.user_module.UserModule`) answers them, too: it is a network whose layers
nobody but the module knows (:attr:`Network.opaque`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import NetworkError
from seedbed.core.suggestions import unknown
from seedbed.networks.initialization import Initialization, Weight
from seedbed.networks.layers import LAYERS, Layer
from seedbed.networks.layers.sequence import NamedLayer, layer_names, output_shapes, walk
from seedbed.networks.shapes import ImageShape, Shape, ShapeError, times

Module = TypeVar("Module")


@dataclass(frozen=True)
class Network:
    """An architecture: layers from the image to the logits, one logit a class.

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
            if not isinstance(layer, Layer):
                raise NetworkError(
                    f"{layer!r} is not a layer", where=self.name, expected=", ".join(LAYERS)
                )
            if layer.first_only and position > 0:
                raise NetworkError(f"{layer.prefix} must be the first layer", where=self.name)

    @property
    def opaque(self) -> bool:
        """Whether nobody but a module of PyTorch knows the layers.

        Such a module has initial weights of its own, and an engine checks before it relies on
        anything, such as that the module keeps nothing outside of its weights and buffers.
        """
        return False

    @cached_property
    def layer_names(self) -> tuple[str, ...]:
        """Name each layer by its kind and its number among them: conv1, activation1, pool1, ..."""
        return layer_names(self.layers)

    def shapes(self, image_shape: ImageShape) -> tuple[Shape, ...]:
        """Return the shape of one image after each layer.

        Args:
            image_shape: (height, width, channels) of the images.

        Raises:
            NetworkError: If a layer does not fit; the message draws the network up to that layer.
        """
        try:
            return output_shapes(self.layers, _input_shape(image_shape), "image ")
        except ShapeError as reason:
            raise NetworkError(str(reason), where=self.name) from None

    def walk(self, image_shape: ImageShape) -> Iterator[NamedLayer]:
        """Yield every layer; in front of a residual layer come its branch, then its shortcut.

        An opaque network yields none.

        Raises:
            NetworkError: If a layer does not fit.
        """
        self.shapes(image_shape)
        yield from walk(self.layers, _input_shape(image_shape))

    def check(self, image_shape: ImageShape, num_classes: int) -> None:
        """Raise :class:`NetworkError` unless an image becomes ``num_classes`` logits."""
        output = self.shapes(image_shape)[-1]
        if output != (num_classes,):
            raise NetworkError(
                f"the last layer, {self.layer_names[-1]}, gives {times(output)} values an image, "
                f"but the dataset has {num_classes} classes",
                where=self.name,
            )

    def parameters(self, image_shape: ImageShape) -> dict[str, Shape]:
        """Return name and shape of every weight that has gradients, in the order of the layers.

        Convolution weights are (out, in, kernel, kernel), linear ones (out, in), biases (out,), the
        class token (embed_dim,), positions (tokens, embed_dim).

        Raises:
            NetworkError: If a layer does not fit.
        """
        return {name: weight.shape for name, weight in self._weights(image_shape).items()}

    def buffers(self, image_shape: ImageShape) -> dict[str, Shape]:
        """Return name and shape of what is kept beside the weights, in the order of the layers.

        It follows what is seen in training instead of a gradient: batch norm's running statistics.

        Raises:
            NetworkError: If a layer does not fit.
        """
        return {name: buffer.shape for name, buffer in self._buffers(image_shape).items()}

    def initial_weights(
        self,
        image_shape: ImageShape,
        generator: np.random.Generator,
        initialization: Initialization = "pytorch",
    ) -> dict[str, NDArray[np.float32]]:
        """Draw the parameters in their order, and begin the buffers.

        Args:
            image_shape: (height, width, channels) of the images.
            generator: The run's stream "initialization".
            initialization: The distribution; an opaque network has its own.

        Raises:
            NetworkError: If a layer does not fit.
        """
        weights = self._weights(image_shape) | self._buffers(image_shape)
        return {
            name: weight.draw(generator, weight.shape, initialization).astype(np.float32)
            for name, weight in weights.items()
        }

    def check_initialization(self, initialization: Initialization) -> None:
        """Raise :class:`NetworkError` for an initialization that the network does not have."""

    def multiply_adds(self, image_shape: ImageShape) -> int:
        """Return how many one image takes, forward; see :class:`seedbed.networks.cost.Cost`.

        Raises:
            NetworkError: If a layer does not fit.
        """
        return sum(named.layer.multiply_adds(named.input_shape) for named in self.walk(image_shape))

    def draws(self, image_shape: ImageShape) -> bool:  # noqa: ARG002
        """Whether it draws random numbers itself while it is trained; layers are given masks."""
        return False

    def module(
        self, image_shape: ImageShape, of_layers: Callable[["Network", ImageShape], Module]
    ) -> Module:
        """Return a new module of PyTorch.

        Args:
            image_shape: (height, width, channels) of the images.
            of_layers: Makes the module of a network that is not opaque.
        """
        return of_layers(self, image_shape)

    def to_dict(self) -> dict[str, Any]:
        """Return what :meth:`from_dict` reads, as values that JSON and TOML can hold."""
        return {"name": self.name, "layers": [layer.to_dict() for layer in self.layers]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Network":
        """Build the network that :meth:`to_dict` described.

        Raises:
            NetworkError: If a layer or one of its settings is not known.
        """
        name = str(values.get("name", "network"))
        return cls(name, tuple(_layer(layer, name) for layer in values.get("layers", ())))

    def _weights(self, image_shape: ImageShape) -> dict[str, Weight]:
        return {
            f"{named.name}.{name}": weight
            for named in self.walk(image_shape)
            for name, weight in named.layer.parameters(named.input_shape).items()
        }

    def _buffers(self, image_shape: ImageShape) -> dict[str, Weight]:
        return {
            f"{named.name}.{name}": buffer
            for named in self.walk(image_shape)
            for name, buffer in named.layer.buffers(named.input_shape).items()
        }


def _input_shape(image_shape: ImageShape) -> Shape:
    height, width, channels = image_shape
    return channels, height, width


def _layer(settings: Mapping[str, Any], where: str) -> Layer:
    arguments = dict(settings)
    kind = arguments.pop("layer", None)
    if kind not in LAYERS:
        raise NetworkError(unknown("layer", kind, LAYERS), where=where)
    for sequence in LAYERS[kind].sequences:
        arguments[sequence] = [_layer(inner, where) for inner in arguments.get(sequence, ())]
    try:
        return LAYERS[kind](**arguments)
    except TypeError as error:
        raise NetworkError(f"{kind}: {error}", where=where) from None
