"""ROC curves, one class against the rest, and the area under them (AUC).

The curve of a class is that of ``sklearn.metrics.roc_curve`` without the points that lie on a
straight line between their neighbors. The AUC is always that of the whole curve, however few
points are kept to draw it. A class that never occurs, or to which every image belongs, has neither.

Averages over classes leave out the classes that have no curve:

* macro: each class counts the same;
* weighted: each class counts as often as it occurs;
* micro: every (image, class) is one decision, and all are put on one curve.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.aggregate import Spread
from seedbed.analysis.predictions import Predictions

POINTS: Final = 200
"""Points of a curve that is to be drawn."""

WORKING_POINTS: Final = 2000
"""Points of the curves that an average is made of; see :meth:`RocCurve.thinned` for the error."""

DIGITS: Final = 5
"""Decimals of a curve in the summary: it is to be drawn."""


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

    def to_dict(self) -> dict[str, list[float]]:
        """Return the points, rounded for drawing."""
        return {
            "false_positive_rate": self.false_positive_rate.round(DIGITS).tolist(),
            "true_positive_rate": self.true_positive_rate.round(DIGITS).tolist(),
        }


@dataclass(frozen=True, eq=False)
class Roc:
    """The curves of one run; ``None`` where there is none."""

    per_class: tuple[RocCurve | None, ...]
    micro: RocCurve | None
    support: NDArray[np.int64]
    """Test images of each class."""

    @property
    def auc_per_class(self) -> tuple[float | None, ...]:
        """Of each class."""
        return tuple(curve.auc if curve else None for curve in self.per_class)

    @property
    def macro_auc(self) -> float | None:
        """The mean over the classes that have one."""
        return self._average_auc([1] * len(self.support))

    @property
    def weighted_auc(self) -> float | None:
        """The mean over the classes that have one, weighted by how often they occur."""
        return self._average_auc(self.support.tolist())

    def _average_auc(self, weights: Sequence[float]) -> float | None:
        pairs = zip(self.auc_per_class, weights, strict=True)
        defined = [(auc, weight) for auc, weight in pairs if auc is not None]
        return statistics.fmean(*zip(*defined, strict=True)) if defined else None


@dataclass(frozen=True, eq=False)
class RocSummary:
    """AUC and mean curves over the runs of one configuration."""

    macro: Spread
    weighted: Spread
    micro: Spread
    per_class: tuple[Spread, ...]
    curves: dict[str, RocCurve | None]
    """``macro``, ``weighted`` and ``micro``; thinned."""
    class_curves: tuple[RocCurve | None, ...]
    """Of each class; thinned."""

    def auc_to_dict(self) -> dict[str, Any]:
        """Return the AUC as the summary holds it; of ``per_class``, lists in the classes' order."""
        return {
            "macro": self.macro.to_dict(),
            "weighted": self.weighted.to_dict(),
            "micro": self.micro.to_dict(),
            "per_class": {
                key: [spread.to_dict()[key] for spread in self.per_class]
                for key in ("mean", "std", "n")
            },
        }

    def curves_to_dict(self) -> dict[str, Any]:
        """Return the curves as the summary holds them; ``None`` where there is none."""
        averages = {name: curve and curve.to_dict() for name, curve in self.curves.items()}
        return {**averages, "per_class": [curve and curve.to_dict() for curve in self.class_curves]}


def roc_curve(positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> RocCurve | None:
    """Return the curve of N decisions; ``None`` if all of them are positive, or none is.

    Args:
        positive: bool, N: what is to be found.
        scores: N finite numbers, higher for what is thought to be positive.

    """
    if positive.all() or not positive.any():
        return None
    rest = np.sort(scores[~positive])
    found, times = np.unique(scores[positive], return_counts=True)
    # From the highest score of a positive to the lowest: the curve goes right to the negatives that
    # score higher, then up, and right by those that score the same.
    higher = len(rest) - np.searchsorted(rest, found[::-1], side="right")
    as_high = len(rest) - np.searchsorted(rest, found[::-1], side="left")
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


def roc(run: Predictions) -> Roc:
    """Return the curves of one run."""
    classes = len(run.class_names)
    # Contiguous columns are sorted several times faster.
    scores = np.ascontiguousarray(run.probabilities.T)
    positive = run.labels == np.arange(classes)[:, None]
    return Roc(
        per_class=tuple(map(roc_curve, positive, scores)),
        micro=roc_curve(positive.ravel(), scores.ravel()),
        support=positive.sum(axis=1),
    )


def roc_over_runs(each_run: Sequence[Roc], points: int = POINTS) -> RocSummary:
    """Summarize the runs of one configuration; at least one.

    Args:
        each_run: The curves of each run.
        points: How many points of each curve to keep.

    """
    working = [
        mean_curve([curve and curve.thinned(WORKING_POINTS) for curve in curves])
        for curves in zip(*(each.per_class for each in each_run), strict=True)
    ]
    micro = mean_curve([each.micro and each.micro.thinned(WORKING_POINTS) for each in each_run])
    averages = {
        "macro": mean_curve(working),
        "weighted": mean_curve(working, each_run[0].support.tolist()),
        "micro": micro,
    }
    return RocSummary(
        macro=Spread.of(each.macro_auc for each in each_run),
        weighted=Spread.of(each.weighted_auc for each in each_run),
        micro=Spread.of(each.micro.auc if each.micro else None for each in each_run),
        per_class=tuple(
            map(Spread.of, zip(*(each.auc_per_class for each in each_run), strict=True))
        ),
        curves={name: curve and curve.thinned(points) for name, curve in averages.items()},
        class_curves=tuple(curve and curve.thinned(points) for curve in working),
    )
