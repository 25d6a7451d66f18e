"""Generalized cross-entropy."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from seedbed.training.losses.base import TINY, Array, Floats, ProbabilityLoss


class GeneralizedCrossEntropy(ProbabilityLoss):
    """Σ t (1 - p^q) / q, between cross-entropy (q near 0) and half the mae (q = 1).

    Zhang and Sabuncu 2018, "Generalized Cross Entropy Loss for Training Deep Neural Networks with
    Noisy Labels", section 3.2.
    """

    known_as: ClassVar = ("gce", "lq", "truncated-cross-entropy")

    name: Literal["generalized-cross-entropy"] = "generalized-cross-entropy"
    q: float = Field(default=0.7, ge=0.01, le=1)
    """Larger values are more robust to label noise, and learn more slowly."""

    def value(self, p: Array, t: Array) -> Array:
        return t * (1 - p.clip(TINY) ** self.q) / self.q

    def slope(self, p: Floats, t: Floats) -> Floats:
        return np.asarray(-t * np.maximum(p, TINY) ** (self.q - 1))
