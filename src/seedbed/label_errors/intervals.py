"""Intervals of the noise rate and the transition matrix: the bootstrap over images and runs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from seedbed.core.seeds import stream
from seedbed.label_errors.model import NoiseModel, refit
from seedbed.noise.estimation import Probabilities
from seedbed.noise.human import Labels
from seedbed.noise.transition import Matrix

REPLICATES: Final = 100
LEVELS: Final = (0.025, 0.975)
MOST_IMAGES: Final = 20_000
"""Of more images, a replicate draws this many; its deviations are scaled to all of them."""


@dataclass(frozen=True, eq=False)
class Intervals:
    """95 % intervals."""

    rate: tuple[float, float]
    matrix: tuple[Matrix, Matrix]
    """The low and the high end of every entry."""

    def widened(self, rate: float) -> Self:
        """Return those of networks whose own errors cannot be told from wrong labels.

        Args:
            rate: The fraction of labels that the networks contradict.
        """
        matrix = self.matrix[0]
        return replace(
            self,
            rate=(0.0, max(rate, self.rate[1])),
            matrix=(np.zeros_like(matrix), np.ones_like(matrix)),
        )


def bootstrap(
    predictions: Sequence[Probabilities], labels: Labels, model: NoiseModel, rate: float
) -> Intervals:
    """Return the intervals of a noise rate and of a transition matrix.

    A replicate draws images and divisions into folds (of a test split: runs) with replacement,
    averages, and fits the model again. What is wrong with the model itself is in no interval.

    Args:
        predictions: Out-of-fold probabilities of every division, N×K each.
        labels: N.
        model: That of :func:`~seedbed.label_errors.model.fit`, of their mean.
        rate: Its noise rate.
    """
    random = stream(0, "resampling")
    images = min(len(labels), MOST_IMAGES)
    rates: list[float] = []
    matrices: list[Matrix] = []
    for _ in range(REPLICATES):
        chosen = random.integers(len(labels), size=images)
        drawn = random.integers(len(predictions), size=len(predictions))
        mean = sum(predictions[number][chosen] for number in drawn) / len(drawn)
        replicate = refit(np.asarray(mean), labels[chosen], model)
        rates.append(1 - float(replicate.right(labels[chosen]).mean()))
        matrices.append(replicate.matrix)
    # Fewer images spread more, by the square root of how many fewer.
    scale = np.sqrt(images / len(labels))
    low, high = _ends(np.array(rates), np.array(rate), scale)
    return Intervals((float(low), float(high)), _ends(np.array(matrices), model.matrix, scale))


def _ends(
    replicates: NDArray[np.float64], estimate: NDArray[np.float64], scale: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends: the replicates' own quantiles, around the estimate where scaled."""
    low, high = np.quantile(replicates, LEVELS, axis=0)
    if scale < 1:
        middle = np.median(replicates, axis=0)
        low, high = estimate + scale * (low - middle), estimate + scale * (high - middle)
    return np.clip(low, 0, np.minimum(estimate, 1)), np.clip(high, np.maximum(estimate, 0), 1)
