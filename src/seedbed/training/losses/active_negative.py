"""The active negative loss."""

import math
from typing import ClassVar, Final, Literal

import numpy as np

from seedbed.training.losses.active_passive import ActivePassiveLoss
from seedbed.training.losses.base import Array, Floats

MOST: Final = -math.log(1e-7)
"""The largest cross-entropy that is told apart."""


class ActiveNegative(ActivePassiveLoss):
    """alpha Σ t l / Σ l + beta (1 - Σ t n / Σ n), with l = -log p, n = max(-log 1e-7 - l, 0).

    ANL-CE: Ye et al. 2023, "Active Negative Loss Functions for Learning with Noisy Labels", section
    3. The authors use alpha = beta = 1 for MNIST and 5 for CIFAR-10, an ``l1_penalty`` (1e-6 and
    5e-5) instead of weight decay, and clip the norm of the gradient at 5.
    """

    known_as: ClassVar = ("anl", "anl-ce", "active-negative-loss")

    name: Literal["active-negative"] = "active-negative"

    def passive(self, log_p: Array, t: Array) -> Array:
        n = (MOST + log_p).clip(0)
        return 1 - (t * n).sum(1) / n.sum(1)

    def passive_gradient(self, log_p: Floats, t: Floats) -> Floats:
        p, n = np.exp(log_p), (MOST + log_p).clip(0)
        inside = (n > 0).astype(np.float64)
        total = n.sum(axis=1, keepdims=True)
        given = (t * n).sum(axis=1, keepdims=True) / total
        of_label = t * inside - p * (t * inside).sum(axis=1, keepdims=True)
        of_total = inside - p * inside.sum(axis=1, keepdims=True)
        return np.asarray((given * of_total - of_label) / total)
