"""The layers of a network in the terms of the native kernels: what each says of itself."""

from typing import Any

from seedbed.core.errors import UnsupportedLayer
from seedbed.networks.layers.base import Kernel
from seedbed.networks.layers.sequence import kernels
from seedbed.networks.network import Network
from seedbed.networks.shapes import ImageShape


def check_layers(network: Network, image_shape: ImageShape) -> None:
    """Raise :class:`UnsupportedLayer` if there is no kernel for a layer.

    Raises:
        NetworkError: Also if the layers do not fit each other or the images.
    """
    network.shapes(image_shape)
    try:
        _kernels(network, image_shape)
    except UnsupportedLayer as error:
        raise UnsupportedLayer(
            error.what, where=network.name, expected=error.expected, hint=error.hint
        ) from None


def add_layers(native: Any, network: Network, image_shape: ImageShape) -> None:
    """Add the layers of ``network`` to a native trainer.

    Args:
        native: One of the modules' ``TRAINERS``, for images of this shape, without layers.
        network: Layers that fit the images and each other.
        image_shape: (height, width, channels) of the images.
    """
    for kernel in _kernels(network, image_shape):
        native.add(kernel.kind, **kernel.settings)


def _kernels(network: Network, image_shape: ImageShape) -> list[Kernel]:
    height, width, channels = image_shape
    return list(kernels(network.layers, (channels, height, width)))
