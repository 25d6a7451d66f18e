"""Early-learning regularization."""

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from seedbed.core.settings import Fraction
from seedbed.training.methods.base import Arrays, Method, RunLabels
from seedbed.training.objective import EarlyLearning as Regularization
from seedbed.training.objective import Objective


class EarlyLearning(Method):
    """Adds weight · log(1 - Σ τ p) to the loss, with τ the running mean of the image's predictions.

    Keeps the network near its early predictions, made before it fits wrong labels. Before each use,
    τ becomes decay · τ + (1 - decay) · p, with p clipped to 0.0001 and normalized. Liu et al. 2020,
    "Early-Learning Regularization Prevents Memorization of Noisy Labels", section 4. The authors
    use weight 3 with decay 0.7 for symmetric noise, and 1 with 0.9 for asymmetric noise.
    """

    of_single_images: ClassVar = True

    method: Literal["early-learning"] = "early-learning"
    weight: float = Field(default=3.0, ge=0)
    """λ in the paper."""
    decay: Fraction = 0.7
    """β in the paper, the weight of the previous τ."""

    def state(self, run: RunLabels) -> Arrays:
        """Return τ, a row of zeros for every image of the training split."""
        return {"running": np.zeros((len(run.labels.noisy), len(run.class_names)), np.float32)}

    def objective(self, state: Arrays, done: int, epochs: int) -> Objective:  # noqa: ARG002
        """Return the regularization."""
        return Objective(early_learning=Regularization(state["running"], self.weight, self.decay))
