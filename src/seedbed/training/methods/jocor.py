"""JoCoR: joint training with co-regularization."""

from typing import ClassVar, Literal

import numpy as np

from seedbed.core.settings import Fraction
from seedbed.training.losses.base import Floats, Loss, log_softmax, one_hot
from seedbed.training.methods.base import Batch, Steps
from seedbed.training.methods.selection import Logits, Selection, smallest


class JoCoR(Selection):
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

    def learn(self, steps: Steps, batch: Batch, logits: Logits, keep: float) -> None:
        """Train both networks on the smallest joint losses."""
        ours, theirs = (log_softmax(logits[name].astype(np.float64)) for name in self.networks)
        labels = one_hot(batch.labels, ours.shape[1])
        losses, slopes = joint_loss(ours, theirs, labels, self.co_regularization)
        chosen = smallest(losses, keep)
        for name, log_p, slope in zip(self.networks, (ours, theirs), slopes, strict=True):
            rows = np.exp(log_p) - slope  # whose cross-entropy has this slope
            steps.step(name, batch[chosen], rows[chosen].astype(np.float32))


def joint_loss(
    ours: Floats, theirs: Floats, labels: Floats, agreement: float
) -> tuple[Floats, tuple[Floats, Floats]]:
    """Return the joint loss of N images, and its derivative by the logits of each network.

    Args:
        ours: The logarithms of the first network's probabilities, N×K.
        theirs: Those of the second one.
        labels: One-hot rows, N×K.
        agreement: The weight of both divergences, 0 to 1.
    """
    p, q = np.exp(ours), np.exp(theirs)
    of_p = (p * (ours - theirs)).sum(axis=1, keepdims=True)
    of_q = (q * (theirs - ours)).sum(axis=1, keepdims=True)
    likelihood = -(labels * (ours + theirs)).sum(axis=1)
    loss = (1 - agreement) * likelihood + agreement * (of_p + of_q)[:, 0]
    slopes = tuple(
        (1 - agreement) * (own - labels) + agreement * (own - other + own * (ratio - divergence))
        for own, other, ratio, divergence in (
            (p, q, ours - theirs, of_p),
            (q, p, theirs - ours, of_q),
        )
    )
    return loss, (slopes[0], slopes[1])
