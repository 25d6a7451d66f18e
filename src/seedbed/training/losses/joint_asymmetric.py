"""The joint asymmetric loss."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from seedbed.training.losses.active_passive import ActivePassiveLoss
from seedbed.training.losses.base import Array, Floats, exp


class JointAsymmetric(ActivePassiveLoss):
    """alpha Σ t l / Σ l + beta Σ (p - a t)² / K, with l = -log p and a = ``asymmetry``.

    JAL-CE: Wang et al. 2025, "Joint Asymmetric Loss for Learning with Noisy Labels". With a far
    above 1, the squared error is asymmetric: it is least for p = 1 of the label if that label is
    the most frequent one. The authors use alpha = beta = 1 and clip the norm of the gradient at 5.
    """

    known_as: ClassVar = ("jal", "jal-ce", "asymmetric", "asymmetric-mse")

    name: Literal["joint-asymmetric"] = "joint-asymmetric"
    asymmetry: float = Field(default=30.0, ge=1)
    """a in the formula; the authors use 10 to 40."""

    def passive(self, log_p: Array, t: Array) -> Array:
        return ((exp(log_p) - self.asymmetry * t) ** 2).sum(1) / log_p.shape[1]

    def passive_gradient(self, log_p: Floats, t: Floats) -> Floats:
        p = np.exp(log_p)
        slope = 2 * (p - self.asymmetry * t) / p.shape[1]
        return np.asarray(p * (slope - (slope * p).sum(axis=1, keepdims=True)))
