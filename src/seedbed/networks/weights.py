"""Whether weights are those of a network."""

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
    """Refuse weights that are not those of a network for images of this size.

    Args:
        network: What the weights should be of.
        image_shape: (height, width, channels) of the images.
        weights: Parameters and buffers by name.

    Raises:
        NetworkError: If one is missing, too many, or of another shape.

    """
    expected = network.parameters(image_shape) | network.buffers(image_shape)
    height, width, channels = image_shape
    what = f"{network.name} for images of {height}×{width}×{channels}"
    for name in {**expected, **weights}:
        if name not in weights:
            raise NetworkError(f"there are no weights {name!r}", where=what)
        if name not in expected:
            raise NetworkError(f"the weights {name!r} belong to nothing", where=what)
        if weights[name].shape != tuple(expected[name]):
            raise NetworkError(
                f"the weights {name!r} have the shape {times(weights[name].shape)}",
                where=what,
                expected=times(expected[name]),
                hint="they may have been trained on images of another size",
            )
