"""Whether a network has memorized wrong labels, or recovered the clean ones."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Memorization(NamedTuple):
    """Predictions for the training images whose label is wrong, counted by outcome."""

    memorized: int
    """The prediction is the noisy label."""
    recovered: int
    """The prediction is the clean label."""
    other: int
    """The prediction is neither."""
    flipped: int
    """All of them: the sum of the other three."""


def count_memorized(
    predicted: NDArray[np.integer], noisy: NDArray[np.integer], clean: NDArray[np.integer]
) -> Memorization:
    """Count what is predicted for the images whose noisy label is not the clean one.

    Args:
        predicted: N class numbers, predicted for training images.
        noisy: N, the labels that the network was trained on.
        clean: N.

    Raises:
        ValueError: If the three are not of one length.
    """
    if not predicted.shape == noisy.shape == clean.shape:
        raise ValueError(
            f"shapes differ: predicted {predicted.shape}, noisy {noisy.shape}, clean {clean.shape}"
        )
    flipped = noisy != clean
    total = int(flipped.sum())
    memorized = int((flipped & (predicted == noisy)).sum())
    recovered = int((flipped & (predicted == clean)).sum())
    return Memorization(memorized, recovered, total - memorized - recovered, total)
