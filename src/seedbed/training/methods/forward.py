"""Forward correction."""

from typing import Literal

import numpy as np

from seedbed.training.losses.base import Loss, ProbabilityLoss
from seedbed.training.methods.base import Arrays
from seedbed.training.methods.correction import ESTIMATED, Correction
from seedbed.training.objective import PLAIN, Objective


class Forward(Correction):
    """The loss of the probabilities p T of the noisy labels, so that p fits the clean ones.

    Patrini et al. 2017, "Making Deep Neural Networks Robust to Label Noise", section 3.2. With
    cross-entropy it is -log Σ p_i T_iy. For every loss that is a sum over class probabilities.
    """

    method: Literal["forward"] = "forward"

    def misfit(self, loss: Loss, label_smoothing: float) -> str | None:  # noqa: ARG002
        """Reject losses that are not sums over class probabilities."""
        if isinstance(loss, ProbabilityLoss):
            return None
        return f"forward correction needs a loss of class probabilities, which {loss.name} is not"

    def objective(self, state: Arrays, done: int, epochs: int) -> Objective:  # noqa: ARG002
        """Return T, once it is known."""
        if self.transition == ESTIMATED and not state["estimates"][0]:
            return PLAIN
        return Objective(transition=state["transition"].astype(np.float32))
