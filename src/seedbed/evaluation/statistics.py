"""Whether one configuration is better than another, over runs that share their seeds.

Runs with the same seed are a pair: they share the order of the images, and as far as the networks
allow the initial weights, so their difference varies less than the runs do. For each pair of
configurations:

* the difference of means with its 95 % t-interval;
* the exact paired sign-flip test: if neither were better, each difference could as well have had
  the other sign; the two-sided p-value is the fraction of all 2^n choices of signs whose mean is at
  least as far from 0 as the one found. With n pairs it cannot be below 2^(1 - n), which is said
  wherever no data could have reached the level asked for;
* Holm's correction of these p-values over all comparisons that are shown together;
* P(A > B): the fraction of pairs in which A is better, ties counted half.

Sources:
    Fisher, The Design of Experiments, 1935: the sign-flip test. Holm, A simple sequentially
    rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979. Bouthillier et
    al., Accounting for variance in machine learning benchmarks, MLSys 2021: paired P(A > B).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from seedbed.analysis.aggregate import Interval, Spread
from seedbed.analysis.intervals import t_interval
from seedbed.core.errors import DataError

LEVEL: Final = 0.05
"""Below this a p-value is called significant."""

EXACT_PAIRS: Final = 40
"""Up to so many pairs all 2^n signs are counted; it takes about 2^(n/2) steps."""

ROUNDING: Final = 1e-9
"""Sums that differ by less, relative to the sum of all magnitudes, are equal: the differences of
accuracies are multiples of 1/N that floating point does not hold exactly."""


@dataclass(frozen=True)
class SignFlipTest:
    """The result of :func:`sign_flip_test`."""

    p_value: float
    """Two-sided, above 0 and up to 1."""
    method: Literal["exact", "normal approximation"]


@dataclass(frozen=True)
class Comparison:
    """Configuration ``first`` against ``second``; what takes a pair is ``None`` without one."""

    first: str
    second: str
    differences: Spread
    """first - second, one a shared seed."""
    interval: Interval | None
    """95 % t-interval of the mean difference; ``None`` for fewer than two pairs."""
    p_value: float | None
    """Of the paired sign-flip test, two-sided, not corrected."""
    method: str | None
    """``"exact"`` or ``"normal approximation"``."""
    probability_better: float | None
    """P(first > second), ties half."""
    family: int = 1
    """How many tests are shown together, which :attr:`p_holm` is corrected for."""
    p_holm: float | None = None
    """The p-value after Holm's correction."""
    minimum_p_holm: float | None = None
    """The lowest p-value after correction that so many pairs, here and in the other comparisons,
    could have reached."""

    @property
    def n(self) -> int:
        """The number of pairs."""
        return self.differences.n

    @property
    def minimum_p(self) -> float | None:
        """The lowest p-value that n pairs could have reached, whatever the data."""
        return 2.0 ** (1 - self.n) if self.n else None

    @property
    def note(self) -> str | None:
        """Say that so few runs cannot be significant, where that is so."""
        if self.minimum_p is None:
            return "no seed in common"
        if self.minimum_p >= LEVEL:
            lowest, among = self.minimum_p, ""
        elif self.minimum_p_holm is not None and self.minimum_p_holm >= LEVEL:
            lowest, among = self.minimum_p_holm, f" among {self.family} comparisons"
        else:
            return None
        return f"n = {self.n} cannot reach p < {LEVEL}{among} (the lowest possible is {lowest:.4g})"

    def to_dict(self) -> dict[str, Any]:
        """Return what tables and the summary hold."""
        return {
            "first": self.first,
            "second": self.second,
            "n": self.n,
            "difference": self.differences.mean,
            "std": self.differences.std,
            "interval": self.interval and self.interval.to_dict(),
            "p_value": self.p_value,
            "p_holm": self.p_holm,
            "method": self.method,
            "minimum_p": self.minimum_p,
            "minimum_p_holm": self.minimum_p_holm,
            "comparisons": self.family,
            "probability_better": self.probability_better,
            "note": self.note,
        }


def compare_all(
    values: Mapping[str, Mapping[int, float]], baseline: str | None = None
) -> tuple[Comparison, ...]:
    """Compare configurations in pairs, with Holm's correction over all that are returned.

    Args:
        values: For each configuration one number a seed, such as the test accuracy. Runs of two
            configurations are paired by seed; those without a partner are left out.
        baseline: A configuration that every other one is compared with, as ``second``; without it
            each is compared with every later one.

    Raises:
        DataError: If there is no configuration ``baseline``, or a number is not finite.

    """
    if baseline is not None and baseline not in values:
        raise DataError(f"no configuration {baseline!r}", expected=f"one of {', '.join(values)}")
    names = (
        combinations(values, 2)
        if baseline is None
        else ((name, baseline) for name in values if name != baseline)
    )
    return correct_together(
        [compare(first, second, values[first], values[second]) for first, second in names]
    )


def compare(
    first: str, second: str, of_first: Mapping[int, float], of_second: Mapping[int, float]
) -> Comparison:
    """Compare two configurations, given one number a seed of each, over the seeds they share.

    Raises:
        DataError: If a number is not finite.

    """
    seeds = [seed for seed in of_first if seed in of_second]
    differences = np.array([of_first[seed] - of_second[seed] for seed in seeds], np.float64)
    if not len(seeds):
        return Comparison(first, second, Spread(()), None, None, None, None)
    test = sign_flip_test(differences)
    spread = Spread(tuple(differences.tolist()))
    probability = probability_better(differences)
    return Comparison(
        first, second, spread, t_interval(spread), test.p_value, test.method, probability
    )


def correct_together(comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """Return the same comparisons with Holm's correction over all of them."""
    given = [each.p_value for each in comparisons if each.p_value is not None]
    lowest = [each.minimum_p for each in comparisons if each.minimum_p is not None]
    corrected = iter(holm(given).tolist())
    # Corrected p-values never fall when others rise, so all are lowest at the lowest of all.
    corrected_lowest = iter(holm(lowest).tolist())
    return tuple(
        replace(
            each,
            family=len(given),
            p_holm=None if each.p_value is None else next(corrected),
            minimum_p_holm=None if each.minimum_p is None else next(corrected_lowest),
        )
        for each in comparisons
    )


def sign_flip_test(differences: ArrayLike) -> SignFlipTest:
    """Test whether paired differences are centered at 0, two-sided.

    All 2^n choices of signs are counted, exactly, for up to 40 pairs. For more, where the sum of
    independently signed differences is as good as normal, its normal limit is taken (variance: the
    sum of squares); nothing is drawn at random.

    Args:
        differences: n numbers, at least one.

    Raises:
        DataError: If there are none, or one is not finite.

    """
    values = np.abs(np.asarray(differences, np.float64))
    if values.ndim != 1 or not values.size or not np.isfinite(values).all():
        raise DataError(
            "paired differences cannot be tested", expected="one or more finite numbers"
        )
    total = float(abs(np.sum(differences)))
    reached = total - ROUNDING * float(values.sum())
    if reached <= 0:  # Every choice of signs is as far from 0 as that.
        return SignFlipTest(1.0, "exact")
    if len(values) > EXACT_PAIRS:
        p_value = 2 * float(ndtr(-total / math.sqrt(np.square(values).sum())))
        return SignFlipTest(p_value, "normal approximation")
    # Meet in the middle: each sum of signed values is one sum of either half.
    half = len(values) // 2
    left, right = _signed_sums(values[:half]), np.sort(_signed_sums(values[half:]))
    at_least = len(right) - np.searchsorted(right, reached - left)
    # The sums are symmetric about 0, so as many are at most -reached.
    return SignFlipTest(2 * int(at_least.sum()) / 2 ** len(values), "exact")


def probability_better(differences: ArrayLike) -> float:
    """Return the fraction of paired differences above 0, ties counted half; at least one."""
    return float(np.mean((np.sign(differences) + 1) / 2))


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Return Holm's corrected p-values, in the same order."""
    given = np.asarray(p_values, np.float64)
    order = np.argsort(given)
    stepped = np.maximum.accumulate(given[order] * np.arange(len(given), 0, -1))
    corrected = np.empty_like(given)
    corrected[order] = np.minimum(stepped, 1.0)
    return corrected


def _signed_sums(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum under each of the 2^n choices of signs."""
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums - value, sums + value])
    return sums
