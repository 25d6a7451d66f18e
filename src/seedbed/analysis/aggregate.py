"""A number of each run, and how it varies over the runs."""

import math
import statistics
from collections.abc import Iterable
from typing import Self

import msgspec


class Interval(msgspec.Struct, frozen=True, array_like=True):
    """From ``low`` to ``high``, both included; in JSON an array of the two."""

    low: float
    high: float

    def with_value(self, value: float) -> "Interval":
        """Return the interval, extended to a value that it must hold."""
        return Interval(min(self.low, value), max(self.high, value))


class Aggregate(msgspec.Struct, frozen=True):
    """The mean of a number over the runs in which it is defined, and how much it varies."""

    mean: float | None
    """``None`` if it is defined in no run."""
    std: float | None
    """The sample standard deviation (n - 1); ``None`` for fewer than two runs."""
    n: int
    """In how many runs it is defined: the AUC of a class that never occurs is in none."""

    @classmethod
    def of(cls, values: Iterable[float | None]) -> Self:
        """Return the aggregate of those values that are not ``None`` or NaN."""
        runs = _defined(values)
        return cls(_mean(runs), _std(runs), len(runs))


class Accuracies(msgspec.Struct, frozen=True):
    """The accuracy of each run on one split; fractions from 0 to 1."""

    mean: float | None
    std: float | None
    """The sample standard deviation (n - 1); ``None`` for fewer than two runs."""
    best: float | None
    runs: tuple[float | None, ...]
    """In the order of the seeds; ``None`` where it is not known."""
    interval: Interval | None = None
    """95%, of the mean over seeds on these images; ``None`` for fewer than two runs. See
    :func:`seedbed.analysis.intervals.interval_over_seeds`."""
    interval_new_images: Interval | None = None
    """95%, of the mean on new images of the same kind; ``None`` where the answers to single images
    are not known. See :func:`seedbed.analysis.intervals.interval_for_new_images`."""

    @property
    def shown_interval(self) -> Interval | None:
        """The interval over seeds; that for new images of a single run."""
        return self.interval or self.interval_new_images

    @classmethod
    def of(cls, values: Iterable[float | None]) -> Self:
        """Return the accuracies of runs; what is not known has no part in the mean."""
        runs = tuple(values)
        defined = _defined(runs)
        return cls(_mean(defined), _std(defined), max(defined, default=None), runs)

    @property
    def n(self) -> int:
        """The number of runs whose accuracy is known."""
        return len(_defined(self.runs))


def _defined(values: Iterable[float | None]) -> list[float]:
    known = (float(value) for value in values if value is not None)
    return [value for value in known if not math.isnan(value)]


def _mean(runs: Iterable[float]) -> float | None:
    values = list(runs)
    return statistics.fmean(values) if values else None


def _std(runs: Iterable[float]) -> float | None:
    values = list(runs)
    return statistics.stdev(values) if len(values) > 1 else None
