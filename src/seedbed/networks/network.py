"""A network: its layers, from the image to the logits, without weights.

:meth:`Network.shapes` returns the output shapes of its layers for images of a given size, and
:meth:`Network.parameters` the weights they need. The weights have the names and shapes of the
obvious ``torch.nn.Module``: ``conv1.weight``, ``conv1.bias``, ... ``fc1.weight``, ..., in the
order of the layers; those in the branch of a residual layer are called
``residual1.branch.conv1.weight``, ....

A PyTorch module (:class:`~seedbed.networks.user_module.UserModule`) is a network with the same
methods, whose layers only the module knows (:attr:`Network.opaque`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
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
    """An architecture: layers from the image to the logits, one logit per class.

    Raises:
        NetworkError: If ``layers`` is empty, or contains anything but layers.
    """

    name: str
    layers: tuple[Layer, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers:
            raise NetworkError("a network needs at least one layer", where=self.name)
        for position, layer in enumerate(self.layers):
            if not isinstance(layer, Layer):
                raise NetworkError(
                    f"{layer!r} is not a layer", where=self.name, expected=", ".join(LAYERS)
                )
            if layer.first_only and position > 0:
                raise NetworkError(
                    f"{type(layer).__name__} must be the first layer", where=self.name
                )

    def __hash__(self) -> int:
        # Thousands of configurations may have the same one; a hash of every layer takes a while.
        return hash((self.name, len(self.layers)))

    @property
    def opaque(self) -> bool:
        """Whether the layers are known only to a PyTorch module.

        Such a module initializes its weights itself. An engine must not assume anything about it
        that it has not checked, such as that all of its state is in parameters and buffers.
        """
        return False

    @cached_property
    def layer_names(self) -> tuple[str, ...]:
        """The names of the layers, numbered by kind: conv1, activation1, pool1, ..."""
        return layer_names(self.layers)

    def shapes(self, image_shape: ImageShape) -> tuple[Shape, ...]:
        """Return the shape of one image after each layer.

        Args:
            image_shape: (height, width, channels) of the images.

        Raises:
            NetworkError: If a layer does not fit; the message shows the shapes up to that layer.
        """
        return _shapes(self, image_shape)

    def walk(self, image_shape: ImageShape) -> Iterator[NamedLayer]:
        """Yield every layer; the branch and the shortcut of a residual layer come before it.

        An opaque network yields none.

        Raises:
            NetworkError: If a layer does not fit.
        """
        yield from _walked(self, image_shape)

    def check(self, image_shape: ImageShape, num_classes: int) -> None:
        """Raise :class:`NetworkError` unless the output is ``num_classes`` logits per image."""
        output = self.shapes(image_shape)[-1]
        if output != (num_classes,):
            raise NetworkError(
                f"the last layer, {self.layer_names[-1]}, returns {times(output)} values per "
                f"image, but the dataset has {num_classes} classes",
                where=self.name,
            )

    def parameters(self, image_shape: ImageShape) -> dict[str, Shape]:
        """Return the name and shape of every trainable weight, in the order of the layers.

        Convolution weights are (out, in, kernel, kernel), linear ones (out, in), biases (out,), the
        class token (embed_dim,), positions (tokens, embed_dim).

        Raises:
            NetworkError: If a layer does not fit.
        """
        return {name: weight.shape for name, weight in self._weights(image_shape).items()}

    def buffers(self, image_shape: ImageShape) -> dict[str, Shape]:
        """Return the name and shape of every buffer, in the order of the layers.

        Buffers are state without gradients: the running statistics of batch norm.

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
        """Draw the parameters in their order, and initialize the buffers.

        Args:
            image_shape: (height, width, channels) of the images.
            generator: The run's stream "initialization".
            initialization: The distribution; opaque networks support only ``pytorch``.

        Raises:
            NetworkError: If a layer does not fit.
        """
        weights = self._weights(image_shape) | self._buffers(image_shape)
        return {
            name: weight.draw(generator, weight.shape, initialization).astype(np.float32)
            for name, weight in weights.items()
        }

    def check_initialization(self, initialization: Initialization) -> None:
        """Raise :class:`NetworkError` for an initialization that the network does not support."""

    def multiply_adds(self, image_shape: ImageShape) -> int:
        """Return the multiply-adds of the forward pass of one image.

        See :class:`seedbed.networks.cost.Cost`.

        Raises:
            NetworkError: If a layer does not fit.
        """
        return sum(named.layer.multiply_adds(named.input_shape) for named in self.walk(image_shape))

    def draws(self, image_shape: ImageShape) -> bool:  # noqa: ARG002
        """Whether it draws random numbers in training; layers do not, they are given masks."""
        return False

    def module(
        self, image_shape: ImageShape, of_layers: Callable[["Network", ImageShape], Module]
    ) -> Module:
        """Return a new PyTorch module.

        Args:
            image_shape: (height, width, channels) of the images.
            of_layers: Builds the module of a network that is not opaque.
        """
        return of_layers(self, image_shape)

    def to_dict(self) -> dict[str, Any]:
        """Return the network as JSON and TOML values, which :meth:`from_dict` reads."""
        return {"name": self.name, "layers": [layer.to_dict() for layer in self.layers]}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Network":
        """Return the network that :meth:`to_dict` wrote.

        Raises:
            NetworkError: If a layer or one of its settings is unknown.
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


@lru_cache(maxsize=64)
def _shapes(network: Network, image_shape: ImageShape) -> tuple[Shape, ...]:
    try:
        return output_shapes(network.layers, _input_shape(image_shape), "image ")
    except ShapeError as reason:
        raise NetworkError(str(reason), where=network.name) from None


@lru_cache(maxsize=64)
def _walked(network: Network, image_shape: ImageShape) -> tuple[NamedLayer, ...]:
    """Return every layer; every run of a study asks several times."""
    network.shapes(image_shape)
    return tuple(walk(network.layers, _input_shape(image_shape)))


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
