"""Cross-entropy."""

from typing import ClassVar, Literal

import numpy as np

from seedbed.training.losses.base import (
    TINY,
    Array,
    Floats,
    ProbabilityLoss,
    log,
    log_softmax,
    softmax,
)


class CrossEntropy(ProbabilityLoss):
    """-Σ t log p, the negative log-likelihood of the label.

    As ``torch.nn.CrossEntropyLoss``; Bishop 2006, "Pattern Recognition and Machine Learning",
    section 4.3.4.
    """

    known_as: ClassVar = ("ce", "nll", "negative-log-likelihood", "softmax", "log-loss")

    name: Literal["cross-entropy"] = "cross-entropy"

    def value(self, p: Array, t: Array) -> Array:
        return -t * log(p)

    def slope(self, p: Floats, t: Floats) -> Floats:
        return -t / np.maximum(p, TINY)

    def per_image(
        self, logits: Floats, targets: Floats, transition: Floats | None = None
    ) -> Floats:
        if transition is not None:
            return super().per_image(logits, targets, transition)
        # Not the logarithm of p, which may underflow.
        return np.asarray(-(targets * log_softmax(logits)).sum(axis=1))

    def gradient(self, logits: Floats, targets: Floats, transition: Floats | None = None) -> Floats:
        if transition is not None:
            return super().gradient(logits, targets, transition)
        return np.asarray(softmax(logits) * targets.sum(axis=1, keepdims=True) - targets)
