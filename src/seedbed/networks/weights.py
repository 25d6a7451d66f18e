"""Checks that weights belong to a network."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import NetworkError
from seedbed.networks.network import Network
from seedbed.networks.shapes import times


def check_weights(
    network: Network,
    image_shape: tuple[int, int, int],
    weights: Mapping[str, NDArray[np.floating]],
) -> None:
    """Raise an error unless weights are those of a network for images of this size.

    Args:
        network: The network that the weights should belong to.
        image_shape: (height, width, channels) of the images.
        weights: Parameters and buffers by name.

    Raises:
        NetworkError: If an array is missing or unexpected, or has another shape.
    """
    expected = network.parameters(image_shape) | network.buffers(image_shape)
    height, width, channels = image_shape
    what = f"{network.name} for images of {height}×{width}×{channels}"
    for name in {**expected, **weights}:
        if name not in weights:
            raise NetworkError(f"missing weights {name!r}", where=what)
        if name not in expected:
            raise NetworkError(f"unexpected weights {name!r}", where=what)
        if weights[name].shape != tuple(expected[name]):
            raise NetworkError(
                f"the weights {name!r} have the shape {times(weights[name].shape)}",
                where=what,
                expected=times(expected[name]),
                hint="they may have been trained on images of another size",
            )
