"""Confidence intervals of an accuracy: over seeds, and for new test images.

The interval over seeds is for the test images at hand: it holds the mean accuracy that very many
seeds would have on them. The interval for new images is for the mean accuracy on other images of
the same kind, so it is wider; the more seeds, the more so. ``benchmarks/simulation.py`` measures
how often they hold what they are for.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri, stdtrit

from seedbed.analysis.aggregate import Accuracies, Interval
from seedbed.analysis.statistics.components import estimate_for_new_images
from seedbed.analysis.statistics.crossed import Levels, levels_of, mean_variance
from seedbed.analysis.statistics.crossed.resampled import Resampling
from seedbed.analysis.statistics.paired import ROUNDING


class _MeanOfRuns(Protocol):
    @property
    def n(self) -> int: ...
    @property
    def mean(self) -> float | None: ...
    @property
    def std(self) -> float | None: ...


def with_intervals(
    accuracies: Accuracies,
    images: int,
    correct: NDArray[np.bool_] | None = None,
    levels: Levels | None = None,
) -> Accuracies:
    """Return accuracies on ``images`` images with their intervals.

    Args:
        accuracies: Of n runs.
        images: How many images each run was measured on.
        correct: bool, n×N: the answers; not needed for the interval of a single run.
        levels: Of runs that cross the seeds of several streams; see
            :func:`seedbed.analysis.statistics.crossed.levels_of`.
    """
    for_new = None
    if correct is not None:
        for_new = interval_for_new_images(correct, levels=levels)
    elif accuracies.n == 1 and accuracies.mean is not None:
        for_new = wilson_interval(round(accuracies.mean * images), images)
    return msgspec.structs.replace(
        accuracies,
        interval=interval_over_seeds(accuracies, images, levels=levels),
        interval_new_images=for_new,
    )


def interval_over_seeds(
    accuracies: Accuracies, images: int, confidence: float = 0.95, levels: Levels | None = None
) -> Interval | None:
    """Return the interval of the mean accuracy over seeds, on the same images.

    It is Student's interval on the logit scale, so it stays within 0 to 1, and is skewed near the
    ends as accuracies are. Equal runs do not show that all runs are equal, because accuracies are
    rounded to whole images; the spread is at least :data:`.ROUNDING`. Runs that are all right, or
    all wrong, have Wilson's interval for all answers together.

    Args:
        accuracies: Of the runs, 0 to 1.
        images: How many images each run was measured on.
        confidence: Between 0 and 1.
        levels: Of runs that cross the seeds of several streams.

    Returns:
        ``None`` for fewer than two runs, or two seeds of a crossed stream: they cannot show how
        much runs vary.
    """
    if accuracies.mean is None or accuracies.std is None:
        return None
    n, mean = accuracies.n, accuracies.mean
    if mean in (0.0, 1.0):
        return wilson_interval(round(mean * images) * n, images * n, confidence)
    known = [number for number, value in enumerate(accuracies.runs) if value is not None]
    of_runs = mean_variance(
        [value for value in accuracies.runs if value is not None],
        None if levels is None else [levels[number] for number in known],
    )
    if of_runs is None:
        return None
    quantile = float(stdtrit(of_runs.degrees_of_freedom, (1 + confidence) / 2))
    least = ROUNDING / images / math.sqrt(n)
    return logit_interval(mean, quantile * max(of_runs.standard_error, least))


def interval_for_new_images(
    correct: NDArray[np.bool_], confidence: float = 0.95, levels: Levels | None = None
) -> Interval | None:
    """Return the interval of the mean accuracy on new images of the same kind.

    Both the runs and the images are samples: the variance of the mean has a component of each,
    estimated by the mean squares of a two-way layout with one answer per cell. For a single run it
    is Wilson's interval, for the network of that run.

    Args:
        correct: bool, n×N: whether run i is right about image j; n and N at least 1.
        confidence: Between 0 and 1.
        levels: Of runs that cross the seeds of several streams.

    Returns:
        ``None`` for crossed runs with fewer than two seeds of a stream.

    Sources:
        :mod:`seedbed.analysis.statistics.components`.
    """
    n, images = correct.shape
    mean = float(correct.mean())
    if n == 1 or images == 1 or mean in (0.0, 1.0):
        # Answers without any error are those of N images, however many runs agree about them, and a
        # single image cannot show how much images vary.
        return wilson_interval(round(mean * images), images, confidence)
    values = correct.astype(np.float64)
    of_runs = mean_variance(values.mean(axis=1), levels)
    if of_runs is None:
        return None
    estimate = estimate_for_new_images(values, of_runs)
    return logit_interval(mean, estimate.quantile(1 - confidence) * estimate.standard_error)


def with_resampled_interval(
    accuracies: Accuracies, keys: Iterable[object], resampling: Resampling
) -> Accuracies | None:
    """Return accuracies on held-out images with their interval on new images.

    Args:
        accuracies: Of the runs, all known.
        keys: Of their seeds.
        resampling: How they hold out images.

    Returns:
        ``None`` if all runs hold out the same images.
    """
    named = list(keys)
    overlaps = resampling.overlaps(named)
    if overlaps is None:
        return None
    return msgspec.structs.replace(
        accuracies, interval_new_images=_resampled_interval(accuracies, named, overlaps, resampling)
    )


def _resampled_interval(
    accuracies: Accuracies,
    keys: Sequence[object],
    overlaps: Sequence[float],
    resampling: Resampling,
    confidence: float = 0.95,
) -> Interval | None:
    mean, images = accuracies.mean, resampling.held_out_images
    found = mean_variance([value or 0.0 for value in accuracies.runs], levels_of(keys), overlaps)
    if mean is None or found is None:
        return None
    if mean in (0.0, 1.0) or found.standard_error * images < 1e-6:
        return wilson_interval(round(mean * images), images, confidence)
    quantile = float(stdtrit(found.degrees_of_freedom, (1 + confidence) / 2))
    return logit_interval(mean, quantile * found.standard_error)


def t_interval(runs: _MeanOfRuns, confidence: float = 0.95) -> Interval | None:
    """Return Student's interval for the mean over runs; ``None`` for fewer than two runs."""
    if runs.mean is None or runs.std is None:
        return None
    quantile = float(stdtrit(runs.n - 1, (1 + confidence) / 2))
    half = quantile * runs.std / math.sqrt(runs.n)
    return Interval(runs.mean - half, runs.mean + half)


def wilson_interval(correct: float, images: float, confidence: float = 0.95) -> Interval:
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


def logit_interval(mean: float, half: float) -> Interval:
    """Return the interval of this half width at ``mean``, carried over to the logit scale."""
    scaled = half / (mean * (1 - mean))
    return Interval(
        float(expit(logit(mean) - scaled)),
        float(expit(logit(mean) + scaled)),
    )
