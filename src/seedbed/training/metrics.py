"""Loss, accuracy and probabilities of logits, computed in float64."""

import numpy as np
from numpy.typing import NDArray

from seedbed.training.losses.base import Loss, one_hot, softmax


def mean_loss(loss: Loss, logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return the mean of a loss over N images, without label smoothing.

    Args:
        loss: The loss.
        logits: N×K, N at least 1.
        labels: N.
    """
    targets = one_hot(labels, logits.shape[1])
    return float(loss.per_image(logits.astype(np.float64), targets).mean())


def accuracy(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return the fraction, 0 to 1, of N×K logits that are largest for the label; N at least 1."""
    return float(np.mean(logits.argmax(axis=1) == labels))


def probabilities(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the softmax of N×K logits; each row sums to 1."""
    return softmax(logits.astype(np.float64)).astype(np.float32)
