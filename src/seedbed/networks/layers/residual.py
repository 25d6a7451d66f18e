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
    """``branch`` and ``shortcut`` of the same image, added up (He et al. 2016, section 3.2).

    Both must give the same shape.
    """

    prefix: ClassVar[str] = "residual"
    sequences: ClassVar[tuple[str, ...]] = ("branch", "shortcut")

    branch: tuple[Layer, ...]
    """Layers, with weights in at least one of them."""
    shortcut: tuple[Layer, ...] = ()
    """Layers; an empty shortcut is the identity."""

    def __post_init__(self) -> None:
        for name in self.sequences:
            layers = tuple(getattr(self, name))
            object.__setattr__(self, name, layers)
            for layer in layers:
                if not isinstance(layer, Layer) or not layer.in_residual:
                    raise NetworkError(
                        f"a residual layer cannot hold {layer!r}",
                        where=where(self, name),
                        expected=", ".join(_allowed()),
                    )
        if not any(layer.has_weights for layer in self.branch):
            raise NetworkError("no layer has weights", where=where(self, "branch"))

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
                f"its branch gives {times(shapes['branch'])}, "
                f"its shortcut {times(shapes['shortcut'])}"
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
    """Return the weights of a sequence of layers inside, under the names that it gives them."""
    start = f"{sequence}."
    return {name.removeprefix(start): weights[name] for name in weights if name.startswith(start)}


def _allowed(kind: type[Layer] = Layer) -> Iterator[str]:
    """Yield the names of the layers that a residual layer can hold."""
    inner = kind.__subclasses__()
    if not inner and kind.in_residual:
        yield kind.__name__
    for each in inner:
        yield from _allowed(each)
