"""The weights of a run, by name and as one flat array.

In the order of the network's parameters, and then of its buffers.
"""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from seedbed.networks.network import Network
from seedbed.networks.shapes import Shape
from seedbed.training.engine import RunTask


def flatten(
    network: Network, image_shape: tuple[int, int, int], weights: Mapping[str, NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Return named weights as one array."""
    names = network.parameters(image_shape) | network.buffers(image_shape)
    return np.concatenate([weights[name].ravel() for name in names])


def flat_weights(task: RunTask, weights: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return the named weights of a run as one array."""
    return flatten(task.network, task.dataset.image_shape, weights)


def trained_weights(task: RunTask) -> int:
    """Return how many numbers at the beginning of the flat array have gradients."""
    shapes = task.network.parameters(task.dataset.image_shape)
    return sum(math.prod(shape) for shape in shapes.values())


def named_weights(task: RunTask, weights: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Return copies of the parts of a flat array, by name."""
    parts, at = {}, 0
    for name, shape in _shapes(task).items():
        count = math.prod(shape)
        parts[name] = weights[at : at + count].reshape(shape).copy()
        at += count
    return parts


def _shapes(task: RunTask) -> dict[str, Shape]:
    image_shape = task.dataset.image_shape
    return task.network.parameters(image_shape) | task.network.buffers(image_shape)
