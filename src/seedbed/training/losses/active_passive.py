"""Normalized cross-entropy and the passive losses that are added to it.

An active loss raises the probability of the label, a passive one also lowers those of the others. A
loss that is divided by its sum over all labels is robust to symmetric noise, but learns too little
alone (Ma et al. 2020, "Normalized Loss Functions for Deep Learning with Noisy Labels").
"""

from abc import abstractmethod
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from seedbed.training.losses.base import (
    TINY,
    Array,
    Floats,
    LogProbabilityLoss,
    exp,
    log_softmax,
)
from seedbed.training.losses.symmetric_cross_entropy import A


class ActivePassiveLoss(LogProbabilityLoss):
    """Normalized cross-entropy, Σ t l / Σ l with l = -log p, plus a passive loss."""

    alpha: float = Field(default=1.0, ge=0)
    """Weight of normalized cross-entropy."""
    beta: float = Field(default=1.0, ge=0)
    """Weight of the passive loss."""

    @abstractmethod
    def passive(self, log_p: Array, t: Array) -> Array:
        """Return the passive loss of each image, N."""

    @abstractmethod
    def passive_gradient(self, log_p: Floats, t: Floats) -> Floats:
        """Return its derivative with respect to the logits, N×K."""

    def value(self, log_p: Array, t: Array) -> Array:
        active = -(t * log_p).sum(1) / (-log_p.sum(1)).clip(TINY)  # 0 with a single class
        return self.alpha * active + self.beta * self.passive(log_p, t)

    def gradient(self, logits: Floats, targets: Floats) -> Floats:
        log_p = log_softmax(logits)
        p, classes = np.exp(log_p), logits.shape[1]
        total = np.maximum(-log_p.sum(axis=1, keepdims=True), TINY)
        active = -(targets * log_p).sum(axis=1, keepdims=True) / total
        slope = ((p - targets) - active * (classes * p - 1)) / total
        return np.asarray(self.alpha * slope + self.beta * self.passive_gradient(log_p, targets))


class ActivePassive(ActivePassiveLoss):
    """alpha Σ t l / Σ l + beta A (1 - Σ t p), with l = -log p and A = -log 0.0001.

    Normalized plus reverse cross-entropy (NCE + RCE): Ma et al. 2020, "Normalized Loss Functions
    for Deep Learning with Noisy Labels", section 3. The authors use alpha = 1 with beta = 10 for
    MNIST and 1 for CIFAR-10, and clip the norm of the gradient at 5.
    """

    known_as: ClassVar = ("apl", "nce-rce", "nce+rce", "nce", "normalized-cross-entropy")

    name: Literal["active-passive"] = "active-passive"

    def passive(self, log_p: Array, t: Array) -> Array:
        return A * (1 - (t * exp(log_p)).sum(1))

    def passive_gradient(self, log_p: Floats, t: Floats) -> Floats:
        p = np.exp(log_p)
        return np.asarray(A * p * ((t * p).sum(axis=1, keepdims=True) - t))
