"""JoCoR: joint training with co-regularization."""

from typing import ClassVar, Literal

from seedbed.core.settings import Fraction
from seedbed.training.losses.base import Loss
from seedbed.training.methods.selection import SmallestLosses
from seedbed.training.objective import Selection


class JoCoR(SmallestLosses):
    """Two networks that learn to agree, on the images with the smallest joint loss.

    The loss is (1 - c) (l₁ + l₂) + c (KL(p₁ | p₂) + KL(p₂ | p₁)), with l the cross-entropy of each
    network, and c = ``co_regularization``. Wei et al. 2020, "Combating Noisy Labels by Agreement",
    section 3.2. The authors use 0.9, and 0.65 for 80% symmetric noise. The first network predicts
    and is kept.
    """

    networks: ClassVar = ("network", "peer")

    method: Literal["jocor"] = "jocor"
    co_regularization: Fraction = 0.9
    """Weight of the agreement; λ in the paper."""

    def misfit(self, loss: Loss, label_smoothing: float) -> str | None:
        """Reject other losses than cross-entropy, and label smoothing."""
        if loss.name != "cross-entropy":
            return f"jocor is for cross-entropy, not {loss.name}"
        return "jocor cannot smooth labels" if label_smoothing else None

    def selection(self, keep: float, progress: float) -> Selection:  # noqa: ARG002
        """Keep the smallest joint losses, for both networks."""
        return Selection("joint", keep, agreement=self.co_regularization)
