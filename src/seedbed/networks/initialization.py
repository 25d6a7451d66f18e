"""How weights begin.

A layer says of each of its weights which shape it has and how it begins: as a constant, drawn from
a fixed distribution, or drawn from the one that the recipe chooses (:data:`Initialization`).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seedbed.networks.shapes import Shape

Initialization: TypeAlias = Literal["pytorch", "glorot-uniform", "he-normal", "lecun-normal"]
"""Of the weights of a layer with ``fan_in`` inputs and ``fan_out`` outputs a unit:

- ``pytorch``: uniform within ±1/√fan_in, biases too, as ``torch.nn.Conv2d`` and ``Linear`` do;
- ``glorot-uniform``: uniform within ±√(6 / (fan_in + fan_out)) (Glorot and Bengio 2010, eq. 16);
- ``he-normal``: normal with variance 2 / fan_in (He et al. 2015, section 2.2);
- ``lecun-normal``: normal with variance 1 / fan_in (LeCun et al. 1998, "Efficient BackProp", 4.6).

All but the first set biases to 0. In a transformer block, ``pytorch`` does what
``torch.nn.TransformerEncoderLayer`` does: the weights that make queries, keys and values are
uniform within ±√(6 / (fan_in + fan_out)), and the biases of attention are 0.

Whatever the distribution, normalization layers begin with weights of 1 and biases of 0, running
means with 0, and running variances with 1. Class tokens and learned positions are normal with a
standard deviation of 0.02, as in timm's Vision Transformer.
"""

Draw: TypeAlias = Callable[[np.random.Generator, Shape, Initialization], NDArray[np.float64]]


@dataclass(frozen=True)
class Weight:
    """A weight or a buffer of a layer: its shape, and how it begins."""

    shape: Shape
    draw: Draw


def constant(value: float, shape: Shape) -> Weight:
    """Return a weight that begins with the same value everywhere."""
    return Weight(shape, lambda _, shape, __: np.full(shape, value))


def normal(std: float, shape: Shape) -> Weight:
    """Return a weight that is normal with this standard deviation, whatever the recipe chooses."""
    return Weight(shape, lambda generator, shape, _: generator.normal(0.0, std, shape))


def matrix(shape: Shape, *, pytorch: Initialization = "pytorch") -> Weight:
    """Return a weight that begins as the recipe chooses.

    Args:
        shape: (outputs, inputs) or (outputs, inputs, height, width).
        pytorch: What PyTorch does for this weight by default.
    """

    def draw(
        generator: np.random.Generator, shape: Shape, chosen: Initialization
    ) -> NDArray[np.float64]:
        fan_in, fan_out = math.prod(shape[1:]), shape[0] * math.prod(shape[2:])
        match pytorch if chosen == "pytorch" else chosen:
            case "pytorch":
                bound = 1 / math.sqrt(fan_in)
            case "glorot-uniform":
                bound = math.sqrt(6 / (fan_in + fan_out))
            case "he-normal":
                return generator.normal(0.0, math.sqrt(2 / fan_in), shape)
            case "lecun-normal":
                return generator.normal(0.0, math.sqrt(1 / fan_in), shape)
        return generator.uniform(-bound, bound, shape)

    return Weight(shape, draw)


def bias_vector(shape: Shape, *, fan_in: int | None = None) -> Weight:
    """Return a bias: uniform within ±1/√fan_in where the recipe chooses ``pytorch``, else 0.

    Args:
        shape: (outputs,).
        fan_in: Of the layer's weight; ``None`` for a bias that is 0 in PyTorch, too.
    """

    def draw(
        generator: np.random.Generator, shape: Shape, chosen: Initialization
    ) -> NDArray[np.float64]:
        uniform = chosen == "pytorch" and fan_in is not None
        bound = 1 / math.sqrt(fan_in) if uniform and fan_in else 0.0
        # Zeros are drawn, too, so that the weights behind do not depend on the choice.
        return generator.uniform(-bound, bound, shape)

    return Weight(shape, draw)
