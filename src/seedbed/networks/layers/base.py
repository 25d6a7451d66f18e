"""The contract of a layer. One file holds everything about a layer; nothing else knows its kind.

A layer is a frozen dataclass of its settings. It has no weights, and knows nothing of images until
it is asked about the shape of one image that comes in (``input_shape``, without the batch). It
says:

- which shape comes out (:meth:`Layer.output_shape`);
- which weights and buffers it needs, with their names, shapes and initialization
  (:meth:`Layer.parameters`, :meth:`Layer.buffers`), named as in the obvious ``torch.nn.Module``;
- what it costs (:meth:`Layer.multiply_adds`);
- what dropout and stochastic depth may leave out (:meth:`Layer.masks`);
- what it computes, in NumPy (:meth:`Layer.forward`);
- what it is for each engine (:meth:`Layer.kernels`, :meth:`Layer.module`).

To add a layer, write its file, add its class to ``seedbed.networks.layers``, and, for the native
engine, its header. Flattening goes channel by channel, row by row, as in PyTorch.
"""

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
    """Numbers that are kept or left out, image by image, while training."""

    count: int
    """Of an image; 1 where a whole branch is left out."""
    rate: float
    """The probability of being left out."""
    branch: bool = False
    """Whether it is a branch (stochastic depth), rather than features (dropout)."""


@dataclass(frozen=True)
class Kernel:
    """A step of the native engine: the kind of a kernel, and its settings."""

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)


Border: TypeAlias = tuple[int, int, int, int]
"""Rows and columns of zeros at the top, left, bottom and right of an image."""

NO_BORDER: Final[Border] = (0, 0, 0, 0)


@dataclass(frozen=True)
class Context:
    """What a layer's native kernels may depend on."""

    input_shape: Shape
    border: Border = NO_BORDER
    """Of the input, which the layer in front has left to this one."""
    behind: tuple["Layer", ...] = ()
    """All layers behind it."""


@dataclass(frozen=True)
class Layer:
    """What all layers share; see the module for the contract."""

    prefix: ClassVar[str]
    """How a network calls such layers, with their number among them: ``conv`` for ``conv1``."""
    sequences: ClassVar[tuple[str, ...]] = ()
    """Settings that are sequences of layers themselves."""
    first_only: ClassVar[bool] = False
    """Whether a network can only begin with it."""
    requires: ClassVar[type["Layer"] | None] = None
    """A kind of layer that must come before it."""
    in_residual: ClassVar[bool] = False
    """Whether a :class:`~seedbed.networks.layers.Residual` layer can hold it."""
    has_weights: ClassVar[bool] = False
    """Whether it has weights, whatever its input."""
    adds_border: ClassVar[bool] = False
    """Whether its native kernel can put zeros around its input."""
    takes_maxima: ClassVar[bool] = False
    """Whether it picks the largest of some values, so that a monotone layer may come after it."""

    @property
    def monotone(self) -> bool:
        """Whether it is an increasing function of each value alone."""
        return False

    def output_shape(self, input_shape: Shape) -> Shape:
        """Return the shape that comes out.

        Raises:
            ShapeError: If the layer cannot take such an input.
        """
        raise NotImplementedError

    def parameters(self, input_shape: Shape) -> dict[str, Weight]:
        """Return the weights that have gradients, by name, in their order."""
        return {}

    def buffers(self, input_shape: Shape) -> dict[str, Weight]:
        """Return what follows the images seen in training instead of a gradient, by name."""
        return {}

    def multiply_adds(self, input_shape: Shape) -> int:
        """Return the products of one image, forward, without biases and normalization."""
        return 0

    def masks(self, input_shape: Shape) -> tuple[Mask, ...]:
        """Return what may be left out in training, in the order in which it is computed."""
        return ()

    def forward(self, x: Values, weights: Weights) -> Values:
        """Apply the layer as it is evaluated, to a batch in double precision.

        Args:
            x: N × ``input_shape``.
            weights: Parameters and buffers under the names that the layer gives them.
        """
        raise NotImplementedError

    def attention(self, x: Values, weights: Weights) -> Values | None:
        """Return N×heads×T×T, how much token i (row) takes from token j; ``None`` without it."""
        return None

    def border(self, input_shape: Shape) -> Border:
        """Return the zeros that its native kernels leave to the layer behind it."""
        return NO_BORDER

    def pads(self, input_shape: Shape) -> bool:
        """Whether it puts zeros around its input."""
        return False

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        """Return the native engine's steps.

        Raises:
            UnsupportedLayer: If it has none for this layer, here.
        """
        raise UnsupportedLayer(f"the native engine has no {type(self).__name__} layer")

    def module(self, nn: Any, input_shape: Shape) -> Any:
        """Return the layer as a ``torch.nn.Module``.

        Args:
            nn: :mod:`seedbed.engines.torch.modules`: what ``torch.nn`` has, and a few modules more.
            input_shape: Of one image.
        """
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """Return the layer as values that JSON and TOML can hold, without what is inferred."""
        settings: dict[str, Any] = {"layer": type(self).__name__}
        for setting in fields(self):
            value = getattr(self, setting.name)
            if setting.name in self.sequences:
                settings[setting.name] = [layer.to_dict() for layer in value]
            elif setting.compare:
                settings[setting.name] = value
        return settings


def input_size() -> Any:
    """Return the field of an input size, which may be left out.

    Layers are equal whether it is written out or not: it changes nothing but what is refused.
    """
    return field(default=None, compare=False)
