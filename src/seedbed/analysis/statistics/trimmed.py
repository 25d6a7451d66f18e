"""Comparing configurations where single runs collapsed: a trimmed mean of the paired differences.

A run that collapsed moves the mean by more than all others together, and Student's interval with
it. The trimmed mean leaves out a fifth of the differences at either end, and its standard error is
that of Winsorized differences. It is the center of differences that are symmetric about it; of
others, it is no estimate of their mean.

Sources:
    Tukey and McLaughlin, Less vulnerable confidence and significance procedures for location based
    on a single sample, Sankhya A 25, 1963; Yuen, The two-sample trimmed t for unequal population
    variances, Biometrika 61, 1974.
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.special import stdtr, stdtrit

from seedbed.analysis.aggregate import Interval
from seedbed.analysis.statistics.comparison import LEVEL, Trimmed

PART: Final = 0.2
"""What is left out at either end."""
LEAST_PAIRS: Final = 5
"""Of fewer, nothing would be left out."""


def trimmed_comparison(
    differences: Sequence[float], least: float = 0.0, weight: float = 1.0
) -> Trimmed | None:
    """Return the trimmed mean of paired differences with its test and interval.

    Args:
        differences: n of them.
        least: The least standard deviation that differences can have, because accuracies are
            rounded to whole images.
        weight: The share of the level of 5% that the comparison has.

    Returns:
        ``None`` for fewer than :data:`LEAST_PAIRS`.
    """
    n = len(differences)
    if n < LEAST_PAIRS:
        return None
    cut = math.floor(PART * n)
    ordered = np.sort(differences)
    kept = ordered[cut : n - cut]
    winsorized = np.clip(ordered, kept[0], kept[-1])
    mean = float(kept.mean())
    error = max(float(winsorized.std(ddof=1)), least) / ((1 - 2 * cut / n) * math.sqrt(n))
    freedom = len(kept) - 1
    half = float(stdtrit(freedom, 1 - LEVEL * weight / 2)) * error
    p_value = 2 * float(stdtr(freedom, -abs(mean) / error)) if error else float(mean == 0)
    return Trimmed(
        mean, n, len(kept), Interval(mean - half, mean + half), min(p_value / weight, 1.0)
    )
