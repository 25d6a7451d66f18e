"""Residual layers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from seedbed.core.errors import NetworkError
from seedbed.networks.layers.base import Context, Kernel, Layer, Values, Weights
from seedbed.networks.layers.checks import where
from seedbed.networks.layers.sequence import forward, kernels, output_shapes
from seedbed.networks.shapes import Shape, ShapeError, image_of, times


@dataclass(frozen=True)
class Residual(Layer):
    """The sum of ``branch`` and ``shortcut`` of the same input (He et al. 2016, section 3.2).

    Both must have the same output shape.
    """

    prefix: ClassVar[str] = "residual"
    sequences: ClassVar[tuple[str, ...]] = ("branch", "shortcut")

    branch: tuple[Layer, ...]
    """Layers, at least one of them with weights."""
    shortcut: tuple[Layer, ...] = ()
    """Layers; an empty shortcut is the identity."""

    def __post_init__(self) -> None:
        for name in self.sequences:
            layers = tuple(getattr(self, name))
            object.__setattr__(self, name, layers)
            for layer in layers:
                if not isinstance(layer, Layer) or not layer.in_residual:
                    raise NetworkError(
                        f"a Residual layer cannot contain {layer!r}",
                        where=where(self, name),
                        expected=", ".join(_allowed()),
                    )
        if not any(layer.has_weights for layer in self.branch):
            raise NetworkError("none of its layers has weights", where=where(self, "branch"))

    def output_shape(self, input_shape: Shape) -> Shape:
        image_of(input_shape)
        shapes = {}
        for name in self.sequences:
            try:
                shapes[name] = (input_shape, *output_shapes(getattr(self, name), input_shape))[-1]
            except ShapeError as reason:
                raise ShapeError(f"in its {name}, {reason}") from None
        if shapes["branch"] != shapes["shortcut"]:
            raise ShapeError(
                f"its branch returns {times(shapes['branch'])}, but its shortcut "
                f"{times(shapes['shortcut'])}"
            )
        return shapes["branch"]

    def forward(self, x: Values, weights: Weights) -> Values:
        branch, shortcut = (
            forward(getattr(self, name), inside(weights, name), x) for name in self.sequences
        )
        return branch + shortcut

    def kernels(self, context: Context) -> tuple[Kernel, ...]:
        shape = context.input_shape
        shortcut = tuple(kernels(self.shortcut, shape))
        return (
            Kernel("fork"),
            *kernels(self.branch, shape),
            *((Kernel("shortcut"), *shortcut) if shortcut else ()),
            Kernel("join", {"drop_path": 0.0}),
        )

    def module(self, nn: Any, input_shape: Shape) -> Any:
        return nn.Residual(nn.Stack(self.branch, input_shape), nn.Stack(self.shortcut, input_shape))


def inside(weights: Weights, sequence: str) -> Weights:
    """Return the weights of an inner sequence of layers, under its names for them."""
    start = f"{sequence}."
    return {name.removeprefix(start): weights[name] for name in weights if name.startswith(start)}


def _allowed(kind: type[Layer] = Layer) -> Iterator[str]:
    """Yield the names of the layers that a residual layer can contain."""
    subclasses = kind.__subclasses__()
    if not subclasses and kind.in_residual:
        yield kind.__name__
    for subclass in subclasses:
        yield from _allowed(subclass)
