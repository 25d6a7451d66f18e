"""The confusion matrices of runs, as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.predictions import Predictions, check_same_images
from seedbed.analysis.subjects.confusion.result import Confusion, Counts, Matrix


@dataclass(frozen=True, eq=False)
class ConfusionMatrices:
    """The confusion matrices of the runs of one configuration.

    Args:
        counts: int64, runs×K×K: ``counts[r, i, j]`` test images of class i are predicted as class j
            by run r.

    """

    counts: NDArray[np.int64]

    @cached_property
    def normalized(self) -> NDArray[np.float64]:
        """float64, runs×K×K: fractions of the true class, so that each row sums to 1.

        The row of a class that never occurs is 0, as in scikit-learn.
        """
        occurs = self.counts.sum(axis=2, keepdims=True)
        result: NDArray[np.float64] = self.counts / np.maximum(occurs, 1)
        return result

    @property
    def mean(self) -> NDArray[np.float64]:
        """float64, K×K: the mean of :attr:`normalized` over the runs."""
        result: NDArray[np.float64] = self.normalized.mean(axis=0)
        return result

    @property
    def std(self) -> NDArray[np.float64] | None:
        """float64, K×K: the sample standard deviation over the runs; ``None`` for a single run."""
        if len(self.counts) < 2:
            return None
        result: NDArray[np.float64] = self.normalized.std(axis=0, ddof=1)
        return result

    def result(self) -> Confusion:
        """Return what an entry holds of them."""
        std = self.std
        return Confusion(
            confusion=msgspec.convert(self.mean.tolist(), Matrix),
            confusion_counts=msgspec.convert(self.counts.tolist(), tuple[Counts, ...]),
            confusion_std=None if std is None else msgspec.convert(std.tolist(), Matrix),
        )


def confusion_matrices(runs: Sequence[Predictions]) -> ConfusionMatrices:
    """Count the confusions of every run.

    Raises:
        DataError: If there are no runs, or they are not of the same images.

    """
    check_same_images(runs)
    classes = len(runs[0].class_names)
    cells = classes * runs[0].labels + np.stack([run.predicted for run in runs])
    counts = [np.bincount(run, minlength=classes**2) for run in cells]
    return ConfusionMatrices(np.stack(counts).astype(np.int64).reshape(-1, classes, classes))
