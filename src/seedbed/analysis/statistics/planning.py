"""How many seeds a comparison needs.

Source:
    Cohen, Statistical Power Analysis for the Behavioral Sciences, 1988, chapter 2: the power of the
    paired t-test, by the noncentral t distribution.
"""

import math
from functools import lru_cache
from typing import Final

from scipy.special import chdtri, nctdtr, stdtrit

from seedbed.analysis.aggregate import Interval
from seedbed.analysis.statistics.comparison import LEVEL

MOST_SEEDS: Final = 10_000
USUAL: Final = 0.8
"""The power that studies are usually planned for (Cohen 1988)."""
SURELY: Final = 0.8
"""How sure it is that the spread is not above the limit that is planned with."""


def power(n: int, effect: float, weight: float = 1.0) -> float:
    """Return how likely a paired t-test finds a difference, 0 to 1.

    Args:
        n: Pairs, 2 or more.
        effect: The true difference in standard deviations of the paired differences, above 0.
        weight: The share of the level that the correction leaves to the test.
    """
    quantile = float(stdtrit(n - 1, 1 - LEVEL * weight / 2))
    shift = math.sqrt(n) * effect
    # The other side adds what is found with the wrong sign, which counts as a find in no study.
    return 1 - float(nctdtr(n - 1, shift, quantile))


def seeds_needed(effect: float, wanted: float, weight: float = 1.0) -> int | None:
    """Return the least number of seeds with which a test has this power.

    Args:
        effect: The true difference in standard deviations of the paired differences, above 0.
        wanted: The power, 0 to 1.
        weight: The share of the level that the correction leaves to the test.

    Returns:
        ``None`` if it is more than :data:`MOST_SEEDS`.
    """
    low, high = 1, 2
    while power(high, effect, weight) < wanted:
        low, high = high, 2 * high
        if high > MOST_SEEDS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        if power(middle, effect, weight) < wanted:
            low = middle
        else:
            high = middle
    return high


@lru_cache(maxsize=4096)
def least_effect(n: int, wanted: float, weight: float = 1.0) -> float:
    """Return the least difference that n pairs find with this power, in standard deviations."""
    low, high = 0.0, 1.0
    while power(n, high, weight) < wanted:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if power(n, middle, weight) < wanted else (low, middle)
    return high


def detectable(interval: Interval, degrees_of_freedom: float, weight: float = 1.0) -> float:
    """Return the least difference that a test finds with a power of :data:`USUAL`, at its spread.

    Args:
        interval: Of the difference, after Student, at the level of the test.
        degrees_of_freedom: Of its standard error, 1 or more.
        weight: The share of the level that the correction leaves to the test.
    """
    half = (interval.high - interval.low) / 2
    error = half / float(stdtrit(degrees_of_freedom, 1 - LEVEL * weight / 2))
    pairs = math.floor(degrees_of_freedom + 1e-9) + 1
    return error * math.sqrt(pairs) * least_effect(pairs, USUAL, weight)


def upper_limit(std: float, degrees_of_freedom: int) -> float:
    """Return what the true standard deviation is not above, with 80% confidence.

    A pilot of few runs often shows too small a spread by luck, so that half of all studies would be
    planned too small.
    """
    return std * math.sqrt(degrees_of_freedom / float(chdtri(degrees_of_freedom, SURELY)))
