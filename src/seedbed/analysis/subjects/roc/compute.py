"""ROC curves of each class against the rest, their averages, and AUC over the runs.

A class that never occurs, or to which every image belongs, has no curve; averages over the classes
leave it out.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.predictions import Predictions, check_same_images
from seedbed.analysis.subjects.roc.curves import POINTS, RocCurve, mean_curve, roc_curve
from seedbed.analysis.subjects.roc.result import Auc, ClassAuc, Curve, Roc, RocCurves

WORKING_POINTS: Final = 2000
"""Points of the curves that an average is made of; see :meth:`RocCurve.thinned` for the error."""

_computed: Final[WeakKeyDictionary[Predictions, "RunRoc"]] = WeakKeyDictionary()
"""The curves of predictions that are still held: a summary first checks the AUC, then draws it."""


@dataclass(frozen=True, eq=False)
class RunRoc:
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


def run_roc(run: Predictions) -> RunRoc:
    """Return the curves of one run."""
    if run not in _computed:
        _computed[run] = _run_roc(run)
    return _computed[run]


def _run_roc(run: Predictions) -> RunRoc:
    classes = len(run.class_names)
    # Contiguous columns are sorted several times faster.
    scores = np.ascontiguousarray(run.probabilities.T)
    positive = run.labels == np.arange(classes)[:, None]
    return RunRoc(
        per_class=tuple(map(roc_curve, positive, scores)),
        micro=roc_curve(positive.ravel(), scores.ravel()),
        support=positive.sum(axis=1),
    )


def compute(runs: Sequence[Predictions], points: int = POINTS) -> Roc:
    """Return AUC and mean curves over the runs of one configuration.

    Args:
        runs: At least one.
        points: How many points of each curve to keep.

    Raises:
        DataError: If there are no runs, or they are not of the same images.

    """
    check_same_images(runs)
    rocs = [run_roc(run) for run in runs]
    per_class = zip(*(roc.auc_per_class for roc in rocs), strict=True)
    classes = [Aggregate.of(aucs) for aucs in per_class]
    auc = Auc(
        macro=Aggregate.of(roc.macro_auc for roc in rocs),
        weighted=Aggregate.of(roc.weighted_auc for roc in rocs),
        micro=Aggregate.of(roc.micro.auc if roc.micro else None for roc in rocs),
        per_class=ClassAuc(
            tuple(auc.mean for auc in classes),
            tuple(auc.std for auc in classes),
            tuple(auc.n for auc in classes),
        ),
    )
    return Roc(auc, _curves(rocs, points))


def _curves(rocs: Sequence[RunRoc], points: int) -> RocCurves:
    working = [
        mean_curve([curve and curve.thinned(WORKING_POINTS) for curve in curves])
        for curves in zip(*(roc.per_class for roc in rocs), strict=True)
    ]
    micro = mean_curve([roc.micro and roc.micro.thinned(WORKING_POINTS) for roc in rocs])

    def drawn(curve: RocCurve | None) -> Curve | None:
        return curve.thinned(points).result() if curve else None

    return RocCurves(
        macro=drawn(mean_curve(working)),
        weighted=drawn(mean_curve(working, rocs[0].support.tolist())),
        micro=drawn(micro),
        per_class=tuple(map(drawn, working)),
    )
