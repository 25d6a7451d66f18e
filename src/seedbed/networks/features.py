"""The features of a network: what its last layer sees."""

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

    The last layer is replaced by one that hands on what it is given, bit for bit; so any engine
    that has the network has its features.

    Args:
        network: Its last layer is a :class:`~seedbed.networks.layers.Linear` one.
        image_shape: (height, width, channels) of the images.
        weights: Of all layers, by name.

    Raises:
        NetworkError: If a layer does not fit, or the last is another one.
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
