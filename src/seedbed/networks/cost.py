"""What a network costs: parameters, arithmetic, and the size of its weights."""

import math
from dataclasses import dataclass

from seedbed.networks.layers import Network

_BYTES_PER_WEIGHT = 4  # float32


@dataclass(frozen=True)
class Cost:
    """The cost of a network for images of one size."""

    parameters: int
    """Weights and biases."""
    multiply_adds: int
    """For one image, forward; convolutions and linear layers only, without their biases, as is
    usual. A training step takes about three times as many."""
    weight_bytes: int
    """Of all parameters as float32."""


def cost(network: Network, image_shape: tuple[int, int, int]) -> Cost:
    """Return what ``network`` costs for images of (height, width, channels).

    Raises:
        NetworkError: If a layer does not fit.
    """
    shapes = network.parameters(image_shape)
    parameters = sum(math.prod(shape) for shape in shapes.values())
    multiply_adds = 0
    for name, output in zip(network.layer_names, network.shapes(image_shape), strict=True):
        weight = shapes.get(f"{name}.weight")
        if weight is not None:
            multiply_adds += math.prod(output) * math.prod(weight[1:])
    return Cost(parameters, multiply_adds, parameters * _BYTES_PER_WEIGHT)
