"""What a network costs: parameters, arithmetic, and the size of its weights."""

import math
from dataclasses import dataclass

from seedbed.networks.layers import Conv2d, Linear
from seedbed.networks.network import Network, Placed
from seedbed.networks.transformer import PatchEmbedding, TransformerBlock
from seedbed.networks.user_module import OwnNetwork

_BYTES_PER_WEIGHT = 4  # float32


@dataclass(frozen=True)
class Cost:
    """The cost of a network for images of one size."""

    parameters: int
    """Weights and biases; running statistics are not trained, and not counted."""
    multiply_adds: int
    """For one image, forward; the products of convolutions, linear layers and attention only,
    without biases, as is usual. A training step takes about three times as many."""
    weight_bytes: int
    """Of all parameters and running statistics as float32."""


def cost(network: Network, image_shape: tuple[int, int, int]) -> Cost:
    """Return what ``network`` costs for images of (height, width, channels).

    Raises:
        NetworkError: If a layer does not fit.
    """
    parameters, buffers = (
        sum(math.prod(shape) for shape in shapes.values())
        for shapes in (network.parameters(image_shape), network.buffers(image_shape))
    )
    if isinstance(network, OwnNetwork):
        multiply_adds = network.multiply_adds(image_shape)
    else:
        multiply_adds = sum(_multiply_adds(place) for place in network.walk(image_shape))
    return Cost(parameters, multiply_adds, (parameters + buffers) * _BYTES_PER_WEIGHT)


def _multiply_adds(place: Placed) -> int:
    match place.layer:
        case Conv2d(kernel_size=kernel) | PatchEmbedding(patch=kernel):
            return math.prod(place.after) * place.before[0] * kernel**2
        case Linear(features=features):
            return place.before[0] * features
        case TransformerBlock(mlp=mlp):
            tokens, width = place.before
            # Queries, keys, values and what attention gives; then every token with every other,
            # twice: for the scores, and to mix the values.
            return tokens * (4 * width**2 + 2 * width * mlp) + 2 * tokens**2 * width
    return 0
