"""What the steps of an epoch minimize: what a method adds to the recipe's loss."""

from dataclasses import dataclass, replace
from typing import Final, Literal

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


@dataclass(frozen=True)
class Selection:
    """The images of each batch that its networks learn from: those with the smallest losses.

    All networks of the method pass the batch forward, as in training. The loss of the batch is then
    the mean over the chosen images, which alone have a gradient.
    """

    judge: Literal["own", "peer", "joint"]
    """Whose losses choose for a network: its own, those of the other network, or a joint loss of
    both, which replaces the recipe's loss; see :class:`~seedbed.training.methods.jocor.JoCoR`."""
    keep: float
    """The fraction of the images to learn from, above 0; their number is rounded down, but at least
    1. Of equal losses, those first in the batch."""
    disputed: bool = False
    """Whether to choose among the images only for which the two networks predict different classes.
    A batch without any is skipped."""
    agreement: float = 0.0
    """In the joint loss, the weight of both divergences."""

    def count(self, images: int) -> int:
        """Return how many of so many images are chosen."""
        return max(1, int(self.keep * images + 1e-6))


@dataclass(frozen=True, eq=False)
class Objective:
    """The changes; by default none."""

    transition: NDArray[np.float32] | None = None
    """K×K: the loss is that of the probabilities p T of the noisy labels."""
    label_targets: NDArray[np.float32] | None = None
    """K×K: the target row of every label instead of a one-hot row; sums to 1, perhaps with
    negative entries."""
    early_learning: EarlyLearning | None = None
    selection: Selection | None = None
    """By default, all images."""
    class_weights: NDArray[np.float32] | None = None
    """K: the factor of the loss of every label."""

    def balanced(self, labels: NDArray[np.int64], classes: int) -> "Objective":
        """Return the same objective with balanced class weights.

        As ``sklearn.utils.class_weight.compute_class_weight("balanced", ...)`` (King and Zeng 2001,
        "Logistic regression in rare events data"), whose mean over the images is 1. A class without
        images has the weight 0.

        Args:
            labels: Of the images that a run learns from.
            classes: How many there are.
        """
        counts = np.bincount(labels, minlength=classes)
        weights = len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1)) * (counts > 0)
        return replace(self, class_weights=weights.astype(np.float32))


PLAIN: Final = Objective()
