"""Backward correction."""

from typing import Final, Literal

import numpy as np

from seedbed.core.errors import StudyError
from seedbed.noise.transition import Matrix
from seedbed.training.losses.base import Loss
from seedbed.training.methods.base import Arrays
from seedbed.training.methods.correction import ESTIMATED, Correction
from seedbed.training.objective import PLAIN, Objective

LARGEST_CONDITION: Final = 1e4
"""Condition number above which T counts as singular: float32 logits have seven digits."""


class Backward(Correction):
    """Σ (T⁻¹)_yk l_k with l_k the cross-entropy of class k: unbiased, and unbounded below.

    Its mean over noisy labels y is the loss of the clean label. Patrini et al. 2017, "Making Deep
    Neural Networks Robust to Label Noise", section 3.1.
    """

    method: Literal["backward"] = "backward"

    def misfit(self, loss: Loss, label_smoothing: float) -> str | None:
        """Reject other losses than cross-entropy, and label smoothing."""
        if loss.name != "cross-entropy":
            return f"backward correction is for cross-entropy, not {loss.name}"
        return "backward correction cannot smooth labels" if label_smoothing else None

    def check_matrix(self, matrix: Matrix) -> None:
        """Reject a matrix without an inverse.

        Raises:
            StudyError: If it has none, or only one that multiplies errors beyond use.
        """
        condition = np.linalg.cond(matrix)
        if not condition <= LARGEST_CONDITION:
            kind = "estimated " * (self.transition == ESTIMATED)
            raise StudyError(
                f"the {kind}transition matrix is singular (condition number {condition:.3g}), and "
                "backward correction needs its inverse",
                where="recipe.robust.transition",
                expected=f"a condition number of at most {LARGEST_CONDITION:g}",
                hint='use method = "forward"',
            )

    def objective(self, state: Arrays, done: int, epochs: int) -> Objective:  # noqa: ARG002
        """Return the rows of the inverse of T, once T is known."""
        if self.transition == ESTIMATED and not state["estimates"][0]:
            return PLAIN
        inverse = np.linalg.inv(state["transition"])
        return Objective(label_targets=inverse.astype(np.float32))
