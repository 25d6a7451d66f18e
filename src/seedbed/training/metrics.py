"""Loss and accuracy of logits."""

import numpy as np
from numpy.typing import NDArray


def cross_entropy(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return the mean softmax cross-entropy of N×K logits, computed in float64; N at least 1."""
    shifted = logits.astype(np.float64)
    shifted -= shifted.max(axis=1, keepdims=True)
    normaliser = np.log(np.exp(shifted).sum(axis=1))
    return float(np.mean(normaliser - shifted[np.arange(len(labels)), labels]))


def accuracy(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return the fraction, 0 to 1, of N×K logits whose largest is the label's; N at least 1."""
    return float(np.mean(logits.argmax(axis=1) == labels))
