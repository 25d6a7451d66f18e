"""Equivalence of two sets of paired runs: two one-sided tests.

A test that finds no difference does not show that there is none. Equivalence within a margin is
shown if both "A is worse by the margin or more" and "A is better by the margin or more" are
rejected at 5%; that is so if and only if the 90% t-interval of the mean paired difference lies
inside the margin. The interval is never narrower than the rounding of accuracies to whole images
allows: runs that agree do not show that all runs would.

Source:
    Schuirmann, A comparison of the two one-sided tests procedure and the power approach for
    assessing the equivalence of average bioavailability, Journal of Pharmacokinetics and
    Biopharmaceutics 15, 1987.
"""

from collections.abc import Sequence

import msgspec
from scipy.special import stdtr

from seedbed.analysis.aggregate import Aggregate, Interval
from seedbed.analysis.statistics.comparison import LEVEL, Comparison
from seedbed.analysis.statistics.paired import difference_interval, standard_error


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


def equivalence(
    differences: Sequence[float], margin: float, images: int | None = None
) -> Equivalence:
    """Test whether the mean of paired differences is within a margin of 0.

    Args:
        differences: Of n pairs, at least one.
        margin: Above 0.
        images: How many images the accuracies are on, of the smallest test split; ``None`` for
            numbers that are not rounded.
    """
    aggregate = Aggregate.of(differences)
    error = standard_error(differences, images)
    if error is None:
        return Equivalence(margin, aggregate, None)
    interval = difference_interval(
        aggregate.mean, error.standard_error, error.degrees_of_freedom, 2 * LEVEL
    )
    return Equivalence(margin, aggregate, interval)


def within_margin(
    comparisons: Sequence[Comparison], margin: float | None
) -> tuple[Comparison, ...]:
    """Return comparisons with the p-value of their equivalence, corrected as their own p-values.

    Args:
        comparisons: Of one family.
        margin: A fraction above 0; ``None`` for none.
    """
    return tuple(
        msgspec.structs.replace(
            comparison,
            margin=margin,
            p_equivalence=margin and _p_value(comparison, margin),
        )
        for comparison in comparisons
    )


def _p_value(comparison: Comparison, margin: float) -> float | None:
    """Return the larger p-value of the two tests, corrected."""
    error, freedom = comparison.standard_error, comparison.degrees_of_freedom
    if comparison.difference is None or error is None or freedom is None:
        return None
    inside = margin - abs(comparison.difference)
    if error == 0:
        return 0.0 if inside > 0 else 1.0
    p_value = float(stdtr(freedom, -inside / error))
    return min(p_value / comparison.weight, 1.0)
