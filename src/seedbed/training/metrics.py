"""Loss and accuracy of logits, computed in float64."""

import numpy as np
from numpy.typing import NDArray

from seedbed.training.recipe import Loss


def mean_loss(loss: Loss, logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return the mean over N images of a recipe's loss, without label smoothing.

    Args:
        loss: As :attr:`seedbed.training.recipe.Recipe.loss` defines it.
        logits: N×K, N at least 1.
        labels: N.
    """
    z = logits.astype(np.float64)
    target = np.zeros_like(z)
    target[np.arange(len(labels)), labels] = 1
    if loss == "binary-cross-entropy":
        # -t log s - (1 - t) log (1 - s), without overflow
        each = np.maximum(z, 0) - z * target + np.log1p(np.exp(-np.abs(z)))
        return float(each.sum(axis=1).mean())
    z -= z.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    match loss:
        case "cross-entropy":
            each = -log_p[np.arange(len(labels)), labels]
        case "brier":
            each = ((np.exp(log_p) - target) ** 2).sum(axis=1)
        case "mae":
            each = np.abs(np.exp(log_p) - target).sum(axis=1)
    return float(each.mean())


def accuracy(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> float:
    """Return the fraction, 0 to 1, of N×K logits whose largest is the label's; N at least 1."""
    return float(np.mean(logits.argmax(axis=1) == labels))


def probabilities(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the softmax of N×K logits, computed in float64; each row sums to 1."""
    # Shifted so that the largest is 0: no exponential overflows, and one of them is 1.
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    powers: NDArray[np.float64] = np.exp(shifted)
    found: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return found.astype(np.float32)
