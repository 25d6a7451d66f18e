"""Initial weights: the distribution that PyTorch uses by default."""

import math

import numpy as np
from numpy.typing import NDArray

from seedbed.networks.layers import Network


def initial_weights(
    network: Network, image_shape: tuple[int, int, int], generator: np.random.Generator
) -> dict[str, NDArray[np.float32]]:
    """Draw weights and biases uniformly from ±1/√fan_in, as ``torch.nn.Conv2d`` and ``Linear`` do.

    Fan-in is the number of inputs of one output: input channels × kernel area, or input features.

    Args:
        network: What the weights are for.
        image_shape: (height, width, channels) of the images.
        generator: The run's stream "init". Weights are drawn in the order of
            :meth:`Network.parameters`.

    Raises:
        NetworkError: If a layer does not fit.
    """
    weights = {}
    bound = 0.0
    for name, shape in network.parameters(image_shape).items():
        if name.endswith(".weight"):  # its bias comes next, and shares the bound
            bound = 1 / math.sqrt(math.prod(shape[1:]))
        weights[name] = generator.uniform(-bound, bound, shape).astype(np.float32)
    return weights
