"""Initial weights.

A layer defines the shape and the initialization of each of its weights: a constant, a fixed
distribution, or the distribution that the recipe chooses (:data:`Initialization`).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seedbed.networks.shapes import Shape

Initialization: TypeAlias = Literal["pytorch", "glorot-uniform", "he-normal", "lecun-normal"]
"""The distribution of weights with ``fan_in`` inputs and ``fan_out`` outputs per unit:

- ``pytorch``: uniform within ±1/√fan_in, biases included, as in ``torch.nn.Conv2d`` and ``Linear``;
- ``glorot-uniform``: uniform within ±√(6 / (fan_in + fan_out)) (Glorot and Bengio 2010, eq. 16);
- ``he-normal``: normal with variance 2 / fan_in (He et al. 2015, section 2.2);
- ``lecun-normal``: normal with variance 1 / fan_in (LeCun et al. 1998, "Efficient BackProp", 4.6).

All but the first set biases to 0. In a transformer block, ``pytorch`` follows
``torch.nn.TransformerEncoderLayer``: the weights of queries, keys and values are uniform within
±√(6 / (fan_in + fan_out)), and the biases of attention are 0.

The choice does not affect normalization layers, which start with weights 1, biases 0, running
means 0 and running variances 1, nor class tokens and learned positions, which are normal with a
standard deviation of 0.02, as in timm's Vision Transformer.
"""

Draw: TypeAlias = Callable[[np.random.Generator, Shape, Initialization], NDArray[np.float64]]


@dataclass(frozen=True)
class Weight:
    """The shape and the initialization of a weight or a buffer."""

    shape: Shape
    draw: Draw


def constant(value: float, shape: Shape) -> Weight:
    """Return a weight with one initial value."""
    return Weight(shape, lambda _, shape, __: np.full(shape, value))


def normal(std: float, shape: Shape) -> Weight:
    """Return a weight that is normal with this standard deviation, whatever the recipe says."""
    return Weight(shape, lambda generator, shape, _: generator.normal(0.0, std, shape))


def matrix(shape: Shape, *, pytorch: Initialization = "pytorch") -> Weight:
    """Return a weight with the initialization that the recipe chooses.

    Args:
        shape: (outputs, inputs) or (outputs, inputs, height, width).
        pytorch: PyTorch's default for this weight.
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
    """Return a bias: uniform within ±1/√fan_in if the recipe chooses ``pytorch``, else 0.

    Args:
        shape: (outputs,).
        fan_in: Of the layer's weight; ``None`` for a bias that PyTorch sets to 0.
    """

    def draw(
        generator: np.random.Generator, shape: Shape, chosen: Initialization
    ) -> NDArray[np.float64]:
        uniform = chosen == "pytorch" and fan_in is not None
        bound = 1 / math.sqrt(fan_in) if uniform and fan_in else 0.0
        # Zeros are drawn too, so that later weights do not depend on the choice.
        return generator.uniform(-bound, bound, shape)

    return Weight(shape, draw)
