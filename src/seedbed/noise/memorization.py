"""What a network makes of noisy labels: memorizes them, or recovers the clean ones."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Memorization(NamedTuple):
    """How many training images with a wrong label are predicted as which label."""

    memorized: int
    """As their noisy label: the network fits it."""
    recovered: int
    """As their clean label."""
    other: int
    """As neither."""
    flipped: int
    """All with a wrong label: the sum of the other three."""


def memorization(
    predicted: NDArray[np.integer], noisy: NDArray[np.integer], clean: NDArray[np.integer]
) -> Memorization:
    """Count the predictions for the images whose noisy label differs from the clean one.

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
