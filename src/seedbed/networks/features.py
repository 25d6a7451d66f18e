"""The features of a network: the input of its last layer."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import NetworkError
from seedbed.networks.layers import Linear
from seedbed.networks.network import Network
from seedbed.networks.shapes import ImageShape


def features_as_logits(
    network: Network,
    image_shape: ImageShape,
    weights: Mapping[str, NDArray[np.float32]],
) -> tuple[Network, dict[str, NDArray[np.float32]]]:
    """Return a network whose logits are the features of another, and its weights.

    The last layer is replaced by an identity, which leaves its input unchanged to the last bit. So
    any engine that supports the network can compute its features.

    Args:
        network: With a :class:`~seedbed.networks.layers.Linear` layer at the end.
        image_shape: (height, width, channels) of the images.
        weights: Of all layers, by name.

    Raises:
        NetworkError: If a layer does not fit, or the last one is not ``Linear``.
    """
    layers = list(network.walk(image_shape))
    if not layers or not isinstance(layers[-1].layer, Linear):
        raise NetworkError("the last layer is not a Linear layer", where=network.name)
    last = layers[-1]
    (count,) = last.input_shape
    identity = {
        f"{last.name}.weight": np.eye(count, dtype=np.float32),
        f"{last.name}.bias": np.zeros(count, np.float32),
    }
    before = network.layers[:-1]
    return (
        Network(f"{network.name}-features", (*before, Linear(out_features=count))),
        {**weights, **identity},
    )
