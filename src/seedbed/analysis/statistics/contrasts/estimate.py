"""Estimates contrasts: weighted sums of accuracies over runs that share their seeds.

The weights sum to 0, as those of a fall (1 and -1), of the difference of two falls (1, -1, -1 and
1) and of a linear trend. Every seed gives one number, so what its runs have in common cancels.
Intervals are those of paired differences: Student's over seeds on these images, and that of
components of variance for new images.

Sources:
    :mod:`seedbed.analysis.statistics.paired` and :mod:`seedbed.analysis.statistics.components`.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.aggregate import Aggregate, Interval
from seedbed.analysis.statistics.components import estimate_for_new_images
from seedbed.analysis.statistics.contrasts.result import Contrast
from seedbed.analysis.statistics.crossed import MeanVariance, levels_of, mean_variance
from seedbed.analysis.statistics.paired import ROUNDING, Answers, Runs, difference_interval


def trend_weights(levels: Sequence[float]) -> NDArray[np.float64]:
    """Return the weights of the least-squares slope over levels that are not all equal."""
    values = np.array(levels, np.float64)
    centered = values - values.mean()
    weights: NDArray[np.float64] = centered / np.square(centered).sum()
    return weights


def contrast(
    weights: Sequence[float],
    runs: Sequence[Runs],
    level: float,
    *,
    images: int | None = None,
    answers: Sequence[Answers] = (),
) -> Contrast:
    """Estimate a contrast over the seeds that all configurations share.

    Args:
        weights: One for each configuration; they sum to 0.
        runs: The accuracies of each configuration by seed.
        level: How often each of its intervals may miss the true contrast, 0 to 1.
        images: How many images the numbers are accuracies on; their rounding to whole images
            bounds the standard error from below.
        answers: The answers of each configuration's runs to single images, by seed.
    """
    of_each = np.array(weights, np.float64)
    seeds = [seed for seed in runs[0] if all(seed in of for of in runs)]
    values = [float(of_each @ [of[seed] for of in runs]) for seed in seeds]
    aggregate, of_runs = Aggregate.of(values), mean_variance(values, levels_of(seeds))
    if of_runs is not None and images:
        # As of a difference, whose weights are 1 and -1.
        least = float(np.square(of_each).sum()) / 2 * (ROUNDING / images) ** 2 / len(seeds)
        of_runs = MeanVariance(max(of_runs.variance, least), of_runs.degrees_of_freedom)
    interval = difference_interval(
        aggregate.mean,
        of_runs.standard_error if of_runs else None,
        of_runs.degrees_of_freedom if of_runs else None,
        level,
    )
    found = interval is not None and not interval.low <= 0 <= interval.high
    return Contrast(
        aggregate.mean,
        aggregate.std,
        aggregate.n,
        interval,
        _for_new_images(of_each, seeds, answers, level, found=found),
    )


def _for_new_images(
    weights: NDArray[np.float64],
    seeds: Sequence[int | str],
    answers: Sequence[Answers],
    level: float,
    *,
    found: bool,
) -> Interval | None:
    known = answers and all(seed in of for of in answers for seed in seeds)
    if len(seeds) < 2 or not known or len(answers[0][seeds[0]]) < 2:
        return None
    values = np.zeros((len(seeds), len(answers[0][seeds[0]])))
    for weight, of in zip(weights, answers, strict=True):
        values += weight * np.array([of[seed] for seed in seeds])
    of_runs = mean_variance(values.mean(axis=1), levels_of(seeds))
    if of_runs is None:
        return None
    largest = float(np.abs(weights).sum()) / 2
    interval = estimate_for_new_images(values, of_runs, largest=largest).interval(level)
    # What is not found on these images is not found on new ones, as in comparisons.
    return interval if found else interval.with_value(0.0)
