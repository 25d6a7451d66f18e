"""Symmetric cross-entropy."""

import math
from typing import ClassVar, Final, Literal

import numpy as np
from pydantic import Field

from seedbed.training.losses.base import Array, Floats, LogProbabilityLoss, exp, softmax

A: Final = -math.log(1e-4)
"""Stands for -log 0 in reverse cross-entropy."""


class SymmetricCrossEntropy(LogProbabilityLoss):
    """-alpha Σ t log p + beta A Σ t (1 - p), with A = -log 0.0001.

    Cross-entropy plus reverse cross-entropy, for which -A stands for log 0. Wang et al. 2019,
    "Symmetric Cross Entropy for Robust Learning with Noisy Labels", section 4. The authors use
    alpha = 0.01 for MNIST, 0.1 for CIFAR-10 and 6 (with beta = 0.1) for CIFAR-100.
    """

    known_as: ClassVar = ("sce", "sl", "symmetric-learning")

    name: Literal["symmetric-cross-entropy"] = "symmetric-cross-entropy"
    alpha: float = Field(default=0.1, ge=0)
    """Weight of cross-entropy."""
    beta: float = Field(default=1.0, ge=0)
    """Weight of reverse cross-entropy."""

    def value(self, log_p: Array, t: Array) -> Array:
        return (t * (self.beta * A * (1 - exp(log_p)) - self.alpha * log_p)).sum(1)

    def gradient(self, logits: Floats, targets: Floats) -> Floats:
        p = softmax(logits)
        agreement = (targets * p).sum(axis=1, keepdims=True)
        return np.asarray(self.alpha * (p - targets) - self.beta * A * p * (targets - agreement))
