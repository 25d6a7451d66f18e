"""The cost of a network: parameters, arithmetic, and the size of its weights."""

import math
from dataclasses import dataclass
from functools import lru_cache

from seedbed.networks.network import Network
from seedbed.networks.shapes import ImageShape

_BYTES_PER_WEIGHT = 4  # float32


@dataclass(frozen=True)
class Cost:
    """The cost of a network for images of one size."""

    parameters: int
    """Weights and biases, without running statistics, which are not trained."""
    multiply_adds: int
    """Of the forward pass of one image, as usual: products in convolutions, linear layers and
    attention, without biases. A training step takes about three times as many."""
    weight_bytes: int
    """Of all parameters and running statistics as float32."""


@lru_cache(maxsize=64)
def cost(network: Network, image_shape: ImageShape) -> Cost:
    """Return the cost of a network for images of (height, width, channels).

    Raises:
        NetworkError: If a layer does not fit.
    """
    parameters, buffers = (
        sum(math.prod(shape) for shape in shapes.values())
        for shapes in (network.parameters(image_shape), network.buffers(image_shape))
    )
    weight_bytes = (parameters + buffers) * _BYTES_PER_WEIGHT
    return Cost(parameters, network.multiply_adds(image_shape), weight_bytes)
