"""What a comparison of two configurations found; reading it needs no NumPy."""

import math
from typing import Final, Literal

import msgspec

from seedbed.analysis.aggregate import Interval

LEVEL: Final = 0.05
"""A p-value below this is called significant."""

Verdict = Literal["better", "worse", "not significant", "too few pairs", "not tested"]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Configuration A against B, over paired runs; what needs a pair is ``None`` without one.

    Differences are A − B, as fractions.
    """

    a: str
    b: str
    n: int
    """Pairs: runs of A and B with the same seed."""
    difference: float | None = None
    """The mean over pairs."""
    std: float | None = None
    """Sample standard deviation of the differences; ``None`` for fewer than two pairs."""
    interval: Interval | None = None
    """95% t-interval of the mean difference; ``None`` for fewer than two pairs."""
    p_value: float | None = None
    """Two-sided, of the paired sign-flip test, not corrected."""
    p_holm: float | None = None
    """The p-value after Holm's correction over all :attr:`comparisons`."""
    method: str | None = None
    """How the p-value was computed: ``"exact"`` or ``"normal approximation"``."""
    minimum_p_holm: float | None = None
    """The lowest corrected p-value that this many pairs could have reached, whatever the data."""
    comparisons: int = 1
    """How many tests are corrected together."""
    probability_better: float | None = None
    """P(A > B): the fraction of pairs in which A is better, ties counted half."""

    @property
    def minimum_p(self) -> float | None:
        """The lowest uncorrected p-value that n pairs can reach, whatever the data."""
        return 2.0 ** (1 - self.n) if self.n else None

    @property
    def verdict(self) -> Verdict:
        """What the test supports about A, seen against B."""
        if self.p_holm is None or self.difference is None:
            return "not tested"
        if self.p_holm < LEVEL:
            return "better" if self.difference > 0 else "worse"
        reachable = self.minimum_p_holm is not None and self.minimum_p_holm < LEVEL
        return "not significant" if reachable else "too few pairs"

    @property
    def note(self) -> str | None:
        """Why the test could not have been significant, where that is so."""
        if self.minimum_p is None:
            return "no seed in common"
        if self.minimum_p >= LEVEL:
            lowest, among = self.minimum_p, ""
        elif self.minimum_p_holm is not None and self.minimum_p_holm >= LEVEL:
            lowest, among = self.minimum_p_holm, f" among {self.comparisons} comparisons"
        else:
            return None
        return f"n = {self.n} cannot reach p < {LEVEL}{among} (the lowest possible is {lowest:.4g})"

    def swapped(self) -> "Comparison":
        """Return the same comparison as B against A."""
        interval, better = self.interval, self.probability_better
        return msgspec.structs.replace(
            self,
            a=self.b,
            b=self.a,
            difference=None if self.difference is None else -self.difference,
            interval=interval and Interval(-interval.high, -interval.low),
            probability_better=None if better is None else 1 - better,
        )


def pairs_needed(comparisons: int) -> int:
    """Return how many pairs can be significant among this many comparisons.

    The lowest p-value of n pairs is 2^(1 - n), and Holm's correction multiplies the lowest of all
    p-values by their number.
    """
    return math.floor(1 + math.log2(comparisons / LEVEL)) + 1
