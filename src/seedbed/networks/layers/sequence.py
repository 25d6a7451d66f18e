"""Sequences of layers: names, shapes, the forward pass, and native kernels."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seedbed.networks.layers.base import NO_BORDER, Context, Kernel, Layer, Values, Weights
from seedbed.networks.shapes import Shape, ShapeError, times


@dataclass(frozen=True)
class NamedLayer:
    """A layer of a network for images of a given size."""

    name: str
    """The prefix of its weights: ``conv1``, or ``residual1.branch.conv1``."""
    layer: Layer
    input_shape: Shape
    """Of one image."""
    output_shape: Shape


def layer_names(layers: Sequence[Layer]) -> tuple[str, ...]:
    """Return the names of layers, numbered by kind: conv1, activation1, conv2, ..."""
    counts: Counter[str] = Counter()
    names = []
    for layer in layers:
        counts[layer.prefix] += 1
        names.append(f"{layer.prefix}{counts[layer.prefix]}")
    return tuple(names)


def output_shapes(layers: Sequence[Layer], shape: Shape, drawing: str = "") -> tuple[Shape, ...]:
    """Return the shape of one image after each layer.

    Args:
        layers: In order.
        shape: Of the first layer's input, for one image.
        drawing: A label for the input shape in errors.

    Raises:
        ShapeError: If a layer does not fit; the message shows the shapes up to that layer.
    """
    drawing += times(shape)
    shapes = []
    for position, (name, layer) in enumerate(zip(layer_names(layers), layers, strict=True)):
        drawing += f" → {name}"
        try:
            shape = layer.output_shape(shape)
            _check_order(layer, layers[:position])
        except ShapeError as reason:
            raise ShapeError(f"{name} does not fit: {reason}: {drawing}") from None
        drawing += f" {times(shape)}"
        shapes.append(shape)
    return tuple(shapes)


def _check_order(layer: Layer, before: Sequence[Layer]) -> None:
    needed = layer.requires
    if needed is not None and not any(isinstance(other, needed) for other in before):
        raise ShapeError(f"it needs a {needed.__name__} layer before it")


def walk(layers: Sequence[Layer], shape: Shape, prefix: str = "") -> Iterator[NamedLayer]:
    """Yield every layer; the layers inside another one come before it.

    Raises:
        ShapeError: If a layer does not fit.
    """
    shapes = output_shapes(layers, shape)
    for name, layer, output_shape in zip(layer_names(layers), layers, shapes, strict=True):
        for inner in layer.sequences:
            yield from walk(getattr(layer, inner), shape, f"{prefix}{name}.{inner}.")
        yield NamedLayer(prefix + name, layer, shape, output_shape)
        shape = output_shape


def forward(
    layers: Sequence[Layer], weights: Weights, x: Values, attention: list[Values] | None = None
) -> Values:
    """Apply layers in NumPy.

    Args:
        layers: In order.
        weights: Of all layers, by name.
        x: The input batch of the first layer.
        attention: The attention maps of the layers are appended to it.
    """
    for name, layer in zip(layer_names(layers), layers, strict=True):
        start = f"{name}."
        inner = {key.removeprefix(start): weights[key] for key in weights if key.startswith(start)}
        attended = None if attention is None else layer.attention(x, inner)
        if attention is not None and attended is not None:
            attention.append(attended)
        x = layer.forward(x, inner)
    return x


def kernels(layers: Sequence[Layer], shape: Shape) -> Iterator[Kernel]:
    """Yield the native engine's steps for layers whose first input has this shape.

    Raises:
        UnsupportedLayer: If the native engine does not support a layer.
        ShapeError: If a layer does not fit.
    """
    ordered = tuple(_maxima_first(layers))
    shapes = output_shapes(ordered, shape)
    border = NO_BORDER
    for i, (layer, output_shape) in enumerate(zip(ordered, shapes, strict=True)):
        yield from layer.kernels(Context(shape, border, ordered[i + 1 :]))
        border = layer.border(shape)
        shape = output_shape


def _maxima_first(layers: Sequence[Layer]) -> list[Layer]:
    """Move max-pooling before the monotone activation that precedes it.

    The result is the same, and the activation is applied to a quarter of the values (for 2×2
    windows).
    """
    result = list(layers)
    for i in range(len(result) - 1):
        if result[i].monotone and result[i + 1].takes_maxima:
            result[i], result[i + 1] = result[i + 1], result[i]
    return result
