"""The layer contract. One file holds everything about a layer; no other code depends on its kind.

A layer is a frozen dataclass of its settings, without weights. Its methods take the shape of one
input image (``input_shape``, without the batch dimension). It defines:

- the output shape (:meth:`Layer.output_shape`);
- its weights and buffers, with their names, shapes and initialization (:meth:`Layer.parameters`,
  :meth:`Layer.buffers`), named as in the obvious ``torch.nn.Module``;
- its cost (:meth:`Layer.multiply_adds`, :meth:`Layer.activations`);
- its random masks in training (:meth:`Layer.masks`);
- the forward pass in NumPy (:meth:`Layer.forward`);
- its implementation in the engines (:meth:`Layer.kernels`, :meth:`Layer.module`).

To add a layer, write its file and add its class to ``seedbed.networks.layers``. For the native
engine, also write a header and include it in ``native/layers.hpp``. Images are flattened channel by
channel, row by row, as in PyTorch.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import UnsupportedLayer
from seedbed.networks.initialization import Weight
from seedbed.networks.shapes import Shape

Values: TypeAlias = NDArray[np.float64]
Weights: TypeAlias = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Mask:
    """Values that training drops at random, image by image."""

    count: int
    """Values per image; 1 for a whole branch."""
    rate: float
    """The probability that a value is dropped."""
    branch: bool = False
    """Whether a whole branch is dropped (stochastic depth) instead of features (dropout)."""


@dataclass(frozen=True)
class Kernel:
    """A step of the native engine: a kernel and its settings."""

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)


Border: TypeAlias = tuple[int, int, int, int]
"""Rows and columns of zeros at the top, left, bottom and right of an image."""

NO_BORDER: Final[Border] = (0, 0, 0, 0)


@dataclass(frozen=True)
class Context:
    """What the native kernels of a layer depend on besides its settings."""

    input_shape: Shape
    border: Border = NO_BORDER
    """The border that the previous layer leaves for this layer to add."""
    behind: tuple["Layer", ...] = ()
    """All later layers."""


@dataclass(frozen=True)
class Layer:
    """The base class of layers; the module docstring describes the contract."""

    prefix: ClassVar[str]
    """The name of such layers in a network, without the number: ``conv`` for ``conv1``."""
    sequences: ClassVar[tuple[str, ...]] = ()
    """Settings that are sequences of layers."""
    first_only: ClassVar[bool] = False
    """Whether it must be the first layer of a network."""
    requires: ClassVar[type["Layer"] | None] = None
    """A kind of layer that it needs before it."""
    in_residual: ClassVar[bool] = False
    """Whether a :class:`~seedbed.networks.layers.Residual` layer can contain it."""
    has_weights: ClassVar[bool] = False
    """Whether it has weights for every input."""
    adds_border: ClassVar[bool] = False
    """Whether its native kernel can pad its input with zeros."""
    takes_maxima: ClassVar[bool] = False
    """Whether it picks maxima, so that a monotone layer before it can be moved after it."""

    @property
    def caption(self) -> str:
        """What a diagram calls it, in a word or two."""
        return type(self).__name__

    @property
    def monotone(self) -> bool:
        """Whether it is an increasing elementwise function."""
        return False

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the output shape.

        Raises:
            ShapeError: If the layer does not accept such an input.
        """
        raise NotImplementedError

    def parameters(self, input_shape: Shape) -> dict[str, Weight]:
        """Return the trainable weights by name, in the order in which they are stored."""
        return {}

    def buffers(self, input_shape: Shape) -> dict[str, Weight]:
        """Return the state without gradients, such as running statistics, by name."""
        return {}

    def multiply_adds(self, input_shape: Shape) -> int:
        """Return the multiply-adds of one image's forward pass, without biases and norms."""
        return 0

    def activations(self, input_shape: Shape) -> int:
        """Return how many values of one image are in memory at once, at least."""
        return math.prod(self.output_shape(input_shape))

    def masks(self, input_shape: Shape) -> tuple[Mask, ...]:
        """Return the random masks of training, in the order of the computation."""
        return ()

    def forward(self, x: Values, weights: Weights) -> Values:
        """Apply the layer to a batch in evaluation mode and double precision.

        Args:
            x: N × ``input_shape``.
            weights: Parameters and buffers, under the layer's names for them.
        """
        raise NotImplementedError

    def attention(self, x: Values, weights: Weights) -> Values | None:
        """Return the attention of token i (row) to token j, N×heads×T×T, or ``None``."""
        return None

    def border(self, input_shape: Shape) -> Border:
        """Return the zeros that it leaves for the next layer's native kernels to add."""
        return NO_BORDER

    def pads(self, input_shape: Shape) -> bool:
        """Whether it pads its input with zeros."""
        return False

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        """Return the native engine's steps.

        Raises:
            UnsupportedLayer: If the native engine does not support the layer in this context.
        """
        raise UnsupportedLayer(f"the native engine does not support {type(self).__name__} layers")

    def module(self, nn: Any, input_shape: Shape) -> Any:
        """Return the layer as a ``torch.nn.Module``.

        Args:
            nn: :mod:`seedbed.engines.torch.modules`: ``torch.nn`` and a few more modules.
            input_shape: Of one image.
        """
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON and TOML values, without inferred sizes."""
        settings: dict[str, Any] = {"layer": type(self).__name__}
        for setting in fields(self):
            value = getattr(self, setting.name)
            if setting.name in self.sequences:
                settings[setting.name] = [layer.to_dict() for layer in value]
            elif setting.compare:
                settings[setting.name] = value
        return settings


def input_size() -> Any:
    """Return the field of an input size, which is inferred if it is omitted.

    Layers with and without it are equal, because it is only checked against the input.
    """
    return field(default=None, compare=False)
