"""Confidence intervals of a mean over runs, and of a fraction of images."""

import math
from typing import Protocol

from scipy.special import ndtri, stdtrit

from seedbed.analysis.aggregate import Accuracies, Interval


class _MeanOfRuns(Protocol):
    @property
    def n(self) -> int: ...
    @property
    def mean(self) -> float | None: ...
    @property
    def std(self) -> float | None: ...


def accuracy_interval(
    accuracies: Accuracies, images: int, confidence: float = 0.95
) -> Interval | None:
    """Return the interval that a table shows beside accuracies on ``images`` images.

    For several runs it is the t-interval of their mean, which says how much training varies. A
    single run cannot say that: its interval is Wilson's, for the choice of test images.
    """
    if accuracies.n == 1 and accuracies.mean is not None:
        return wilson_interval(round(accuracies.mean * images), images, confidence)
    return t_interval(accuracies, confidence)


def t_interval(runs: _MeanOfRuns, confidence: float = 0.95) -> Interval | None:
    """Return Student's interval for the mean over runs; ``None`` for fewer than two runs.

    It is not clipped to 0 and 1, so that its coverage stays what it claims.
    """
    if runs.mean is None or runs.std is None:
        return None
    quantile = float(stdtrit(runs.n - 1, (1 + confidence) / 2))
    half = quantile * runs.std / math.sqrt(runs.n)
    return Interval(runs.mean - half, runs.mean + half)


def wilson_interval(correct: int, images: int, confidence: float = 0.95) -> Interval:
    """Return the score interval for a proportion, within 0 to 1; ``images`` at least 1.

    Source:
        Wilson, Probable inference, the law of succession, and statistical inference, Journal of the
        American Statistical Association 22, 1927.
    """
    z = float(ndtri((1 + confidence) / 2))
    rate = correct / images
    scale = 1 + z * z / images
    center = (rate + z * z / (2 * images)) / scale
    half = z / scale * math.sqrt(rate * (1 - rate) / images + z * z / (4 * images * images))
    # At the ends rounding must not push the interval off the rate that was observed.
    low = 0.0 if correct == 0 else center - half
    return Interval(low, 1.0 if correct == images else center + half)
