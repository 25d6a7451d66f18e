"""The features of a network: what its last layer sees."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import NetworkError
from seedbed.networks.layers import Linear
from seedbed.networks.network import Network


def features_as_logits(
    network: Network,
    image_shape: tuple[int, int, int],
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
    places = list(network.walk(image_shape))
    if not places or not isinstance(places[-1].layer, Linear):
        raise NetworkError(
            "the last layer is no Linear one, so what it sees are no features", where=network.name
        )
    last = places[-1]
    count = last.before[0]
    layers = (*network.layers[:-1], Linear(count))
    identity = {
        f"{last.name}.weight": np.eye(count, dtype=np.float32),
        f"{last.name}.bias": np.zeros(count, np.float32),
    }
    return Network(f"{network.name}-features", layers), {**weights, **identity}
