"""A number of each run, and how it varies over the runs."""

import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Interval:
    """From ``low`` to ``high``, both included."""

    low: float
    high: float

    def to_dict(self) -> dict[str, float]:
        """Return both ends."""
        return {"low": self.low, "high": self.high}


@dataclass(frozen=True)
class Spread:
    """One number a run.

    Where the number is not defined in some run (the AUC of a class that never occurs), that run is
    left out, and :attr:`n` says how many are left.
    """

    runs: tuple[float, ...]

    @classmethod
    def of(cls, values: Iterable[float | None]) -> Self:
        """Return the spread of those values that are not ``None`` or NaN."""
        defined = (value for value in values if value is not None)
        return cls(tuple(float(value) for value in defined if not math.isnan(value)))

    @property
    def n(self) -> int:
        """The number of runs."""
        return len(self.runs)

    @property
    def mean(self) -> float | None:
        """``None`` without runs."""
        return statistics.fmean(self.runs) if self.runs else None

    @property
    def std(self) -> float | None:
        """The sample standard deviation (n - 1); ``None`` for fewer than two runs."""
        return statistics.stdev(self.runs) if len(self.runs) > 1 else None

    def to_dict(self) -> dict[str, Any]:
        """Return what the summary holds."""
        return {"mean": self.mean, "std": self.std, "n": self.n}


@dataclass(frozen=True)
class Accuracies(Spread):
    """The accuracy of each run on one split; fractions from 0 to 1."""

    @property
    def best(self) -> float | None:
        """The highest; ``None`` without runs."""
        return max(self.runs, default=None)

    def to_dict(self) -> dict[str, Any]:
        """Return what tables and the summary hold."""
        return {"mean": self.mean, "std": self.std, "best": self.best, "runs": list(self.runs)}
