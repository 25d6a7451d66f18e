"""The forward pass of a network in NumPy, with its attention maps.

For figures of a few images; engines train and evaluate networks.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.networks.layers import sequence
from seedbed.networks.network import Network


@dataclass(frozen=True, eq=False)
class Forward:
    """The logits and attention maps of N images."""

    logits: NDArray[np.float64]
    """N×K."""
    attention: tuple[NDArray[np.float64], ...]
    """One array per transformer block, N×heads×T×T: the attention that token i (row) pays to token
    j. Rows sum to 1. The class token, if there is one, comes first."""


def forward(
    network: Network,
    weights: Mapping[str, NDArray[np.float32]],
    images: NDArray[np.floating],
) -> Forward:
    """Apply a network in evaluation mode, without dropout.

    Args:
        network: Not an opaque one.
        weights: Parameters and buffers by name.
        images: N×C×H×W, normalized.
    """
    attention: list[NDArray[np.float64]] = []
    x = np.asarray(images, np.float64)
    logits = sequence.forward(network.layers, weights, x, attention)
    return Forward(logits, tuple(attention))
