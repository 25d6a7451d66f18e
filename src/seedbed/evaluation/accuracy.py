"""The accuracy of runs, and the interval that goes with it."""

import math
from collections.abc import Sequence

from scipy.special import ndtri, stdtrit

from seedbed.analysis.aggregate import Accuracies, Interval, Spread
from seedbed.analysis.predictions import Predictions, check_same_images


def accuracies(runs: Sequence[Predictions]) -> Accuracies:
    """Return the accuracy of every run of a configuration.

    Raises:
        DataError: If there are no runs, or they are not of the same images.

    """
    check_same_images(runs)
    return Accuracies(tuple(run.accuracy for run in runs))


def accuracy_interval(spread: Accuracies, images: int, confidence: float = 0.95) -> Interval | None:
    """Return the interval that a table shows beside accuracies on ``images`` images.

    Of several runs it is the t-interval of their mean, which says how much training varies; of a
    single run, which cannot say that, it is the Wilson interval for the choice of test images.
    """
    if spread.n == 1:
        return wilson_interval(round(spread.runs[0] * images), images, confidence)
    return t_interval(spread, confidence)


def t_interval(spread: Spread, confidence: float = 0.95) -> Interval | None:
    """Return Student's interval for the mean over runs; ``None`` for fewer than two runs.

    It is not cut off at 0 or 1, so that it stays what it is called.
    """
    if spread.mean is None or spread.std is None:
        return None
    quantile = float(stdtrit(spread.n - 1, (1 + confidence) / 2))
    half = quantile * spread.std / math.sqrt(spread.n)
    return Interval(spread.mean - half, spread.mean + half)


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
