"""Equivalence of two sets of paired runs: two one-sided tests.

A test that finds no difference does not show that there is none. Equivalence within a margin is
shown if both "A is worse by the margin or more" and "A is better by the margin or more" are
rejected at 5%; that is so if and only if the 90% t-interval of the mean paired difference lies
inside the margin.

Source:
    Schuirmann, A comparison of the two one-sided tests procedure and the power approach for
    assessing the equivalence of average bioavailability, Journal of Pharmacokinetics and
    Biopharmaceutics 15, 1987.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from seedbed.analysis.aggregate import Aggregate, Interval
from seedbed.analysis.intervals import t_interval

LEVEL: Final = 0.05
"""Of each of the two tests."""


class Equivalence(msgspec.Struct, frozen=True):
    """The outcome of two one-sided tests; differences are fractions."""

    margin: float
    difference: Aggregate
    """Of the n pairs."""
    interval: Interval | None
    """90% t-interval of the mean difference; ``None`` for fewer than two pairs."""

    @property
    def shown(self) -> bool:
        """Whether the mean difference is shown to be within the margin."""
        return self.interval is not None and self.within < self.margin

    @property
    def refuted(self) -> bool:
        """Whether the mean difference is shown to be beyond the margin."""
        interval = self.interval
        return interval is not None and (interval.low > self.margin or interval.high < -self.margin)

    @property
    def within(self) -> float:
        """The smallest margin that these pairs can show; infinite for fewer than two pairs."""
        if self.interval is None:
            return float("inf")
        return max(abs(self.interval.low), abs(self.interval.high))


def equivalence(differences: Sequence[float], margin: float) -> Equivalence:
    """Test whether the mean of paired differences is within a margin of 0.

    Args:
        differences: Of n pairs, at least one.
        margin: Above 0.
    """
    aggregate = Aggregate.of(differences)
    return Equivalence(margin, aggregate, t_interval(aggregate, 1 - 2 * LEVEL))
