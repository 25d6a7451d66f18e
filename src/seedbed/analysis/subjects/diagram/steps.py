"""The steps of a network that a diagram shows: layers that change nothing of the shape join."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from seedbed.networks.layers import Layer, Residual
from seedbed.networks.layers.sequence import output_shapes
from seedbed.networks.shapes import Shape


@dataclass(frozen=True)
class Step:
    """One or more layers, drawn as one block."""

    lines: tuple[str, ...]
    """What its layers are called."""
    shape: Shape
    """Of one image behind it."""
    skips: bool = False
    """Whether its input is added to its output."""
    times: int = 1
    """How many equal steps follow each other."""


def steps_of(layers: Sequence[Layer], image_shape: tuple[int, int, int]) -> list[Step]:
    """Return the steps of a network, the image first.

    Args:
        layers: From the image to the logits.
        image_shape: Height, width and channels.
    """
    height, width, channels = image_shape
    shape: Shape = (channels, height, width)
    steps = [Step(("Image",), shape)]
    for layer, output in zip(layers, output_shapes(layers, shape), strict=True):
        last = steps[-1]
        skips = isinstance(layer, Residual)
        lines = tuple(_captions(layer)) if isinstance(layer, Residual) else (layer.caption,)
        step = Step(lines, output, skips=skips)
        if replace(last, times=1) == step:
            steps[-1] = replace(last, times=last.times + 1)
        elif len(steps) > 1 and last.times == 1 and _joins(layer, shape, output):
            steps[-1] = replace(last, lines=(*last.lines, layer.caption))
        else:
            steps.append(step)
        shape = output
    return steps


def _joins(layer: Layer, shape: Shape, output: Shape) -> bool:
    """Return whether a layer changes neither the number of values nor mixes them."""
    same = math.prod(shape) == math.prod(output)
    return same and not isinstance(layer, Residual) and layer.multiply_adds(shape) == 0


def _captions(layer: Residual) -> Iterator[str]:
    """Yield what is in the branch of a residual layer; equal layers once."""
    names = [inner.caption for inner in layer.branch]
    for name in dict.fromkeys(names):
        count = names.count(name)
        yield name if count == 1 else f"{count}× {name}"
