"""The native kernels of a network's layers."""

from functools import lru_cache
from typing import Any, Final

from seedbed.core.errors import UnsupportedLayer
from seedbed.networks.layers.base import Kernel
from seedbed.networks.layers.sequence import kernels
from seedbed.networks.network import Network
from seedbed.networks.shapes import ImageShape

LANES: Final = 16
"""The most images that pass through a layer at once."""
_MOST_VALUES: Final = 2**28 // LANES
"""The kernels address the values of so many images with 32 bits."""


@lru_cache(maxsize=64)
def check_layers(network: Network, image_shape: ImageShape) -> None:
    """Raise an error if there is no kernel for a layer.

    Raises:
        UnsupportedLayer: If there is none.
        NetworkError: If the layers do not fit each other or the images.
    """
    network.shapes(image_shape)
    for part in network.walk(image_shape):
        if part.layer.activations(part.input_shape) > _MOST_VALUES:
            raise UnsupportedLayer(
                f"the native engine supports at most {_MOST_VALUES:,} values per image in a layer "
                f"({part.name} has more)",
                where=network.name,
            )
    try:
        _kernels(network, image_shape)
    except UnsupportedLayer as error:
        raise UnsupportedLayer(
            error.what, where=network.name, expected=error.expected, hint=error.hint
        ) from None


def add_layers(native: Any, network: Network, image_shape: ImageShape) -> None:
    """Add the layers of a network to a native trainer.

    Args:
        native: A trainer without layers, for images of this shape.
        network: A network that :func:`check_layers` accepts.
        image_shape: (height, width, channels) of the images.
    """
    for kernel in _kernels(network, image_shape):
        native.add(kernel.kind, **kernel.settings)


def _kernels(network: Network, image_shape: ImageShape) -> list[Kernel]:
    height, width, channels = image_shape
    return list(kernels(network.layers, (channels, height, width)))
