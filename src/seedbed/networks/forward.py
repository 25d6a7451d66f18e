"""A network applied to a few images in NumPy, with what its attention looked at on the way.

For pictures of what happens inside; engines are what trains and evaluates networks.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.networks.layers import sequence
from seedbed.networks.network import Network


@dataclass(frozen=True, eq=False)
class Forward:
    """What a network makes of N images."""

    logits: NDArray[np.float64]
    """N×K."""
    attention: tuple[NDArray[np.float64], ...]
    """Of each transformer block, N×heads×T×T: how much token i (row) takes from token j; rows sum
    to 1. The class token, where there is one, is the first of the T tokens."""


def forward(
    network: Network,
    weights: Mapping[str, NDArray[np.float32]],
    images: NDArray[np.floating],
) -> Forward:
    """Apply a network as it is evaluated, without dropout.

    Args:
        network: Of layers.
        weights: Parameters and buffers by name.
        images: N×C×H×W, normalized.
    """
    attention: list[NDArray[np.float64]] = []
    x = np.asarray(images, np.float64)
    logits = sequence.forward(network.layers, weights, x, attention)
    return Forward(logits, tuple(attention))
