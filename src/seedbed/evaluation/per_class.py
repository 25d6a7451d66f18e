"""Precision, recall and F1 of every class."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.aggregate import Spread
from seedbed.analysis.subjects.confusion.matrices import ConfusionMatrices


@dataclass(frozen=True)
class ClassScores:
    """How well one class is found, over the runs.

    A run in which a number is not defined is left out of it.
    """

    support: int
    """Test images of the class."""
    precision: Spread
    """Of the images predicted as the class, the fraction that are of it; not defined where there
    are none."""
    recall: Spread
    """Of the images of the class, the fraction predicted as it; not defined if there are none."""
    f1: Spread
    """Harmonic mean of both; not defined for a class that neither occurs nor is predicted."""

    def to_dict(self) -> dict[str, Any]:
        """Return what the summary holds."""
        spreads = {name: getattr(self, name).to_dict() for name in ("precision", "recall", "f1")}
        return {"support": self.support, **spreads}


def class_scores(confusion: ConfusionMatrices) -> tuple[ClassScores, ...]:
    """Return the scores of each class, in the order of the classes."""
    right = np.diagonal(confusion.counts, axis1=1, axis2=2)
    occurs = confusion.counts.sum(axis=2)
    predicted = confusion.counts.sum(axis=1)
    precision = _ratio(right, predicted)
    recall = _ratio(right, occurs)
    f1 = _ratio(2 * right, occurs + predicted)
    return tuple(
        ClassScores(
            support=int(occurs[0, each]),
            precision=Spread.of(precision[:, each]),
            recall=Spread.of(recall[:, each]),
            f1=Spread.of(f1[:, each]),
        )
        for each in range(right.shape[1])
    )


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return part / whole, and NaN where the whole is 0."""
    ratio = np.full(whole.shape, np.nan)
    np.divide(part, whole, out=ratio, where=whole > 0)
    return ratio
