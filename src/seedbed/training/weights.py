"""The weights of a run, by name and as one flat array in the order of the network's parameters."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from seedbed.training.engine import RunTask


def flat_weights(task: RunTask, weights: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return named weights as one array."""
    names = task.network.parameters(task.dataset.image_shape)
    return np.concatenate([weights[name].ravel() for name in names])


def named_weights(task: RunTask, weights: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Return copies of the parts of a flat array, by name."""
    parts, at = {}, 0
    for name, shape in task.network.parameters(task.dataset.image_shape).items():
        count = math.prod(shape)
        parts[name] = weights[at : at + count].reshape(shape).copy()
        at += count
    return parts
