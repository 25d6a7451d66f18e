"""Soft and hard bootstrapping."""

from typing import ClassVar, Literal

import numpy as np

from seedbed.core.settings import Fraction
from seedbed.training.losses.base import (
    Array,
    Floats,
    LogProbabilityLoss,
    exp,
    log_softmax,
    most_probable,
)


class SoftBootstrapping(LogProbabilityLoss):
    """-Σ (beta t + (1 - beta) p) log p: targets that lean towards the prediction.

    Reed et al. 2014, "Training Deep Neural Networks on Noisy Labels with Bootstrapping", section
    3.2. The gradient goes through both p.
    """

    known_as: ClassVar = ("bootstrapping", "bootstrap", "soft-bootstrap", "bootsoft")

    name: Literal["soft-bootstrapping"] = "soft-bootstrapping"
    beta: Fraction = 0.95
    """Weight of the label; the rest is that of the prediction."""

    def _targets(self, log_p: Array, t: Array) -> Array:
        return self.beta * t + (1 - self.beta) * exp(log_p)

    def value(self, log_p: Array, t: Array) -> Array:
        return -(self._targets(log_p, t) * log_p).sum(1)

    def gradient(self, logits: Floats, targets: Floats) -> Floats:
        log_p = log_softmax(logits)
        p = np.exp(log_p)
        of_targets = p * (log_p - (p * log_p).sum(axis=1, keepdims=True))
        return np.asarray(p - self._targets(log_p, targets) - (1 - self.beta) * of_targets)


class HardBootstrapping(LogProbabilityLoss):
    """-Σ (beta t + (1 - beta) y) log p, with y = 1 for the most probable class.

    Reed et al. 2014, "Training Deep Neural Networks on Noisy Labels with Bootstrapping", section
    3.3.
    """

    known_as: ClassVar = ("hard-bootstrap", "boothard")

    name: Literal["hard-bootstrapping"] = "hard-bootstrapping"
    beta: Fraction = 0.8
    """Weight of the label; the rest is that of the predicted class."""

    def _targets(self, log_p: Array, t: Array) -> Array:
        return self.beta * t + (1 - self.beta) * most_probable(log_p)

    def value(self, log_p: Array, t: Array) -> Array:
        return -(self._targets(log_p, t) * log_p).sum(1)

    def gradient(self, logits: Floats, targets: Floats) -> Floats:
        log_p = log_softmax(logits)
        return np.asarray(np.exp(log_p) - self._targets(log_p, targets))
