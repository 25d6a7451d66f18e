"""Intervals of measures that are no means over images, by the influence of each image.

They are built like those of accuracy (:mod:`seedbed.analysis.intervals`): over seeds, Student's
interval on the logit scale; for new images, with the components of variance of runs and images,
where the influence of an image stands for its answer. Images of rare classes weigh much, so a few
of them may decide the variance; its degrees of freedom account for that by the kurtosis.

Sources:
    :mod:`seedbed.analysis.statistics.measures.class_measures` and
    :mod:`seedbed.analysis.statistics.components`; for the variance of a sample variance, Cramér,
    Mathematical Methods of Statistics, 1946, section 27.4.
"""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from seedbed.analysis.aggregate import Accuracies, Interval
from seedbed.analysis.intervals import interval_over_seeds, logit_interval, wilson_interval
from seedbed.analysis.statistics.components import estimate_for_new_images
from seedbed.analysis.statistics.crossed import Levels, mean_variance
from seedbed.analysis.statistics.measures.class_measures import Measure


def with_measured_intervals(
    measure: Measure, confidence: float = 0.95, levels: Levels | None = None
) -> Accuracies:
    """Return the values of the runs with both intervals of their mean.

    Args:
        measure: Of the runs.
        confidence: Between 0 and 1.
        levels: Of runs that cross the seeds of several streams; see
            :func:`seedbed.analysis.statistics.crossed.levels_of`.
    """
    values = Accuracies.of(measure.values.tolist())
    return msgspec.structs.replace(
        values,
        interval=interval_over_seeds(values, math.ceil(measure.images), confidence, levels),
        interval_new_images=_for_new_images(measure, confidence, levels),
    )


def _for_new_images(measure: Measure, confidence: float, levels: Levels | None) -> Interval | None:
    n, mean = len(measure.values), float(measure.values.mean())
    if mean in (0.0, 1.0):
        return wilson_interval(mean * measure.images, measure.images, confidence)
    if measure.influence is None:
        return None
    of_images = np.square(measure.influence.mean(axis=0))
    normal = float(stdtrit(_degrees_of_freedom(of_images), (1 + confidence) / 2))
    if n == 1:
        return logit_interval(mean, normal * math.sqrt(float(of_images.sum())) / len(of_images))
    values = measure.values[:, None] + measure.influence
    of_runs = mean_variance(values.mean(axis=1), levels)
    if of_runs is None:
        return None
    estimate = estimate_for_new_images(values, of_runs)
    # The quantile takes images for infinitely many, and here they have few degrees of freedom.
    of_many = float(ndtri((1 + confidence) / 2))
    quantile = estimate.quantile(1 - confidence) + (normal - of_many) * (1 - estimate.seed_share)
    return logit_interval(mean, max(quantile, normal) * estimate.standard_error)


def _degrees_of_freedom(squares: NDArray[np.float64]) -> float:
    """Return those of the mean of N squared deviations: 2 / (relative variance of that mean)."""
    images = len(squares)
    mean = squares.mean()
    if mean == 0:
        return images - 1.0
    relative = float(squares.var() / mean**2) / images
    return min(2 / relative if relative else math.inf, images - 1.0)
