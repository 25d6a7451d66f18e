"""ROC curves of binary decisions: one run, and the mean over several.

A curve is that of ``sklearn.metrics.roc_curve`` without the points that lie on a straight line
between their neighbors. The AUC is always that of the whole curve, however few points are kept to
draw it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.subjects.roc.result import Curve

POINTS: Final = 200
"""Points of a curve that is to be drawn."""

DIGITS: Final = 5
"""Decimals of a curve in the summary, where it is only drawn."""


@dataclass(frozen=True, eq=False)
class RocCurve:
    """A curve from (0, 0) to (1, 1); both arrays float64, of equal length, never falling.

    No two points are equal.
    """

    false_positive_rate: NDArray[np.float64]
    true_positive_rate: NDArray[np.float64]

    @property
    def auc(self) -> float:
        """The area under the curve, 0 to 1."""
        heights = self.true_positive_rate[1:] + self.true_positive_rate[:-1]
        return float(np.dot(np.diff(self.false_positive_rate), heights) / 2)

    def thinned(self, points: int = POINTS) -> "RocCurve":
        """Return a curve of at most ``points`` of this one's points, 2 at least.

        They are evenly spaced along the curve, so that it is nowhere further off than
        ``2 / (points - 1)``, as false and true positive rate together.
        """
        along = self.false_positive_rate + self.true_positive_rate
        if len(along) <= points:
            return self
        wanted = np.linspace(0, along[-1], points)
        kept = np.unique(np.searchsorted(along, wanted))
        return RocCurve(self.false_positive_rate[kept], self.true_positive_rate[kept])

    def result(self) -> Curve:
        """Return the points, rounded for drawing."""
        return Curve(
            tuple(self.false_positive_rate.round(DIGITS).tolist()),
            tuple(self.true_positive_rate.round(DIGITS).tolist()),
        )


def roc_curve(positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> RocCurve | None:
    """Return the curve of N decisions; ``None`` if all of them are positive, or none is.

    Args:
        positive: bool, N: which decisions should be positive.
        scores: N finite numbers, higher for what is more likely positive.

    """
    if positive.all() or not positive.any():
        return None
    rest = np.sort(scores[~positive])
    distinct, times = np.unique(scores[positive], return_counts=True)
    # From the highest score of a positive to the lowest: the curve goes right to the negatives that
    # score higher, then up, and right by those that score the same.
    higher = len(rest) - np.searchsorted(rest, distinct[::-1], side="right")
    as_high = len(rest) - np.searchsorted(rest, distinct[::-1], side="left")
    ups = np.cumsum(times[::-1])
    false = np.concatenate([[0], np.stack([higher, as_high], axis=1).ravel(), [len(rest)]])
    true = np.concatenate([[0, 0], np.repeat(ups, 2)])
    moves = np.append(True, (np.diff(false) > 0) | (np.diff(true) > 0))
    false, true = false[moves], true[moves]
    right, up = np.diff(false), np.diff(true)
    kept = np.concatenate([[True], right[1:] * up[:-1] != right[:-1] * up[1:], [True]])
    return RocCurve(false[kept] / len(rest), true[kept] / ups[-1])


def mean_curve(
    curves: Sequence[RocCurve | None], weights: Sequence[float] | None = None
) -> RocCurve | None:
    """Return the mean true positive rate at every false positive rate, over those curves there are.

    The area under it is the mean of the areas. ``None`` without curves.

    Source:
        Fawcett, An introduction to ROC analysis, Pattern Recognition Letters 27, 2006: vertical
        averaging.
    """
    pairs = zip(curves, weights or [1.0] * len(curves), strict=True)
    present = [(curve, weight) for curve, weight in pairs if curve is not None]
    if not present:
        return None
    false = np.unique(np.concatenate([curve.false_positive_rate for curve, _ in present]))
    # A curve may rise at one false positive rate: the mean has a point before it and one after.
    before, after = np.zeros_like(false), np.zeros_like(false)
    for curve, weight in present:
        x, y = curve.false_positive_rate, curve.true_positive_rate
        before += weight * np.interp(-false, -x[::-1], y[::-1])
        after += weight * np.interp(false, x, y)
    true = np.stack([before, after], axis=1).ravel() / sum(weight for _, weight in present)
    # Rounding of the weighted mean must neither lower the curve nor lift it above 1.
    true = np.minimum(np.maximum.accumulate(true), 1.0)
    true[-1] = 1.0
    false = np.repeat(false, 2)
    moves = np.append(True, (np.diff(false) > 0) | (np.diff(true) > 0))
    return RocCurve(false[moves], true[moves])
