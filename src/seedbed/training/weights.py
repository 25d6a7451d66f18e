"""Weights by name and as one flat array: the parameters in their order, then the buffers."""

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
    """Return how many values at the start of the flat array are trainable."""
    shapes = task.network.parameters(task.dataset.image_shape)
    return sum(math.prod(shape) for shape in shapes.values())


def named_weights(task: RunTask, weights: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Return copies of the arrays in a flat array, by name."""
    arrays, start = {}, 0
    for name, shape in _shapes(task).items():
        count = math.prod(shape)
        arrays[name] = weights[start : start + count].reshape(shape).copy()
        start += count
    return arrays


def _shapes(task: RunTask) -> dict[str, Shape]:
    image_shape = task.dataset.image_shape
    return task.network.parameters(image_shape) | task.network.buffers(image_shape)
