"""What a method adds to the recipe's loss in the steps of an epoch."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class EarlyLearning:
    """Early-learning regularization: weight · log(1 - Σ τ p) for an image, see the method."""

    running: NDArray[np.float32]
    """N×K, a row τ for every image of the training split, changed in place: τ becomes decay · τ +
    (1 - decay) · p, with the prediction p clipped to 0.0001 and normalized, before it is used."""
    weight: float
    decay: float


@dataclass(frozen=True, eq=False)
class Objective:
    """The changes; by default none."""

    transition: NDArray[np.float32] | None = None
    """K×K: the loss is that of the probabilities p T of the noisy labels."""
    label_targets: NDArray[np.float32] | None = None
    """K×K: the target row of every label instead of a one-hot row; sums to 1, perhaps with
    negative entries."""
    early_learning: EarlyLearning | None = None


PLAIN: Final = Objective()
