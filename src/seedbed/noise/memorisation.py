"""What a network makes of wrong labels: learns them by heart, or sees through them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Memorisation(NamedTuple):
    """Of the training images with a wrong label, how many are predicted to be what."""

    memorised: int
    """Their noisy label."""
    seen_through: int
    """Their clean label."""
    other: int
    """Neither."""
    flipped: int
    """All of them: the sum of the other three."""


def memorisation(
    predicted: NDArray[np.integer], noisy: NDArray[np.integer], clean: NDArray[np.integer]
) -> Memorisation:
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
    memorised = int((flipped & (predicted == noisy)).sum())
    seen_through = int((flipped & (predicted == clean)).sum())
    return Memorisation(memorised, seen_through, total - memorised - seen_through, total)
