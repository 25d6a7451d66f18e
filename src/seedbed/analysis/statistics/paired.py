"""Comparing configurations over runs that share their seeds.

Two runs with the same seed are a pair: they share the order of the training images and, where the
networks allow it, the initial weights. Their difference therefore varies less than the runs
themselves. Each pair of configurations gets

* the paired t-test, which can find a difference with few seeds; it assumes that the differences are
  roughly normal, as means over many images are;
* Bonferroni's correction of its p-value, and the interval of the difference at the same level, so
  that test and interval always agree: each test has a share (a weight) of the level of 5%;
* the exact sign-flip test (:mod:`seedbed.analysis.statistics.sign_flip`), a check that assumes only
  that without a difference both signs are equally likely;
* P(A > B) with its interval (:mod:`seedbed.analysis.statistics.superiority`).

Sources:
    Student, The probable error of a mean, Biometrika 6, 1908. Dunn, Multiple comparisons among
    means, Journal of the American Statistical Association 56, 1961: Bonferroni's intervals.
    Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of
    Statistics 6, 1979, section 4: weights.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtr, stdtrit

from seedbed.analysis.aggregate import Aggregate, Interval
from seedbed.analysis.statistics.comparison import LEVEL, Comparison, NewImages
from seedbed.analysis.statistics.components import Estimate, estimate_for_new_images
from seedbed.analysis.statistics.crossed import (
    Levels,
    MeanVariance,
    levels_of,
    mean_variance,
)
from seedbed.analysis.statistics.crossed.resampled import Resampling
from seedbed.analysis.statistics.sign_flip import sign_flip_test
from seedbed.analysis.statistics.superiority import probability_better, probability_interval
from seedbed.core.errors import DataError

Runs = Mapping[Any, float]
"""A number of each run, such as its test accuracy, by seed (or by name of an external run)."""

Answers = Mapping[Any, NDArray[np.bool_]]
"""Which of N images each run classifies correctly, by its seed."""

ROUNDING: Final = 0.25 / math.sqrt(2)
"""The least standard deviation of accuracies and of their differences, in images: two runs whose
right answers are equally many are taken to differ by a quarter of an image. Twice as much covers
98 to 99% where two runs are often equal, and half of it 93 to 95%, instead of 95 to 96%
(``LOG.md``)."""


def compare_all(
    values: Mapping[str, Runs], baseline: str | None = None, *, images: int | None = None
) -> tuple[Comparison, ...]:
    """Compare configurations in pairs, with one correction over all that are returned.

    Args:
        values: The runs of each configuration. Runs of two configurations are paired by seed; those
            without a partner are left out.
        baseline: The configuration that every other one is compared with, as B. Without it, each is
            compared with every later one.
        images: How many images the numbers are accuracies on.

    Raises:
        DataError: If there is no configuration ``baseline``, or a number is not finite.

    """
    if baseline is not None and baseline not in values:
        raise DataError(f"no configuration {baseline!r}", expected=f"one of {', '.join(values)}")
    names = (
        combinations(values, 2)
        if baseline is None
        else ((name, baseline) for name in values if name != baseline)
    )
    return correct_together([compare(a, b, values[a], values[b], images=images) for a, b in names])


def compare(
    a: str,
    b: str,
    of_a: Runs,
    of_b: Runs,
    *,
    images: int | None = None,
    answers: tuple[Answers, Answers] | None = None,
    resampling: Resampling | None = None,
) -> Comparison:
    """Compare two configurations over the seeds that they share; nothing is corrected yet.

    Args:
        a: The label of the first configuration.
        b: The label of the second.
        of_a: The runs of the first.
        of_b: The runs of the second.
        images: How many images the numbers are accuracies on. Accuracies are rounded to whole
            images, so pairs with equal differences do not show that the difference never varies.
        answers: Of the runs of either, for the difference on new images; by default it is not
            known.
        resampling: How the runs differ in the images that they hold out, if the numbers are
            accuracies on those.

    Raises:
        DataError: If a number is not finite.

    """
    seeds = [seed for seed in of_a if seed in of_b]
    if not seeds:
        return Comparison(a=a, b=b, n=0)
    differences = np.array([of_a[seed] - of_b[seed] for seed in seeds], np.float64)
    levels = levels_of(seeds)
    overlaps = resampling.overlaps(seeds) if resampling else None
    check = sign_flip_test(differences)
    aggregate = Aggregate.of(differences.tolist())
    error = standard_error(differences, images, levels, overlaps)
    return correct_together(
        [
            Comparison(
                a=a,
                b=b,
                n=aggregate.n,
                difference=aggregate.mean,
                std=aggregate.std,
                standard_error=error.standard_error if error else None,
                degrees_of_freedom=error.degrees_of_freedom if error else None,
                new_images=_for_new_images(seeds, levels, *answers) if answers else None,
                p_value=_paired_t(aggregate, error),
                p_sign_flip=None if levels or overlaps else check.p_value,
                overlap=max(overlaps) if overlaps else None,
                probability_better=probability_better(differences),
            )
        ]
    )[0]


def correct_together(
    comparisons: Sequence[Comparison], tests: int | None = None, weight: float | None = None
) -> tuple[Comparison, ...]:
    """Return the same comparisons with Bonferroni's correction.

    Args:
        comparisons: Corrected or not.
        tests: How many tests are corrected together; by default those of these comparisons that
            were tested.
        weight: The share of the level that each of these has; by default they share all of it.
    """
    if tests is None:
        tests = sum(comparison.p_value is not None for comparison in comparisons)
    if weight is None:
        weight = 1 / max(tests, 1)
    return tuple(_corrected(comparison, tests, weight) for comparison in comparisons)


def standard_error(
    differences: ArrayLike,
    images: int | None,
    levels: Levels | None = None,
    overlaps: Sequence[float] | None = None,
) -> MeanVariance | None:
    """Return the variance of a mean difference of accuracies, and its degrees of freedom.

    It is at least that of rounding both accuracies to whole images.

    Args:
        differences: Of n pairs, as fractions.
        images: How many images the accuracies are on; ``None`` for numbers that are not rounded.
        levels: Of runs that cross the seeds of several streams; see
            :func:`~seedbed.analysis.statistics.crossed.levels_of`.
        overlaps: Of runs that hold out different images; see
            :mod:`~seedbed.analysis.statistics.crossed.resampled`.

    Returns:
        ``None`` for fewer than two pairs, or than two seeds of a crossed stream.
    """
    found = mean_variance(differences, levels, overlaps)
    if found is None:
        return None
    least = (ROUNDING / images) ** 2 / np.size(differences) if images else 0.0
    return MeanVariance(max(found.variance, least), found.degrees_of_freedom)


def difference_interval(
    difference: float | None,
    error: float | None,
    degrees_of_freedom: float | None,
    level: float,
) -> Interval | None:
    """Return Student's interval of a mean difference, or ``None`` where it cannot be estimated.

    Args:
        difference: The mean over n pairs.
        error: Its :func:`standard_error`.
        degrees_of_freedom: Of the standard error.
        level: How often the interval may miss the true difference, 0 to 1.
    """
    if difference is None or error is None or degrees_of_freedom is None:
        return None
    half = float(stdtrit(degrees_of_freedom, 1 - level / 2)) * error
    return Interval(difference - half, difference + half)


def _for_new_images(
    seeds: Sequence[Any], levels: Levels | None, of_a: Answers, of_b: Answers
) -> NewImages | None:
    if len(seeds) < 2 or not all(seed in of_a and seed in of_b for seed in seeds):
        return None
    values = np.array([of_a[seed].astype(np.float64) - of_b[seed] for seed in seeds])
    if values.shape[1] < 2:
        return None
    of_runs = mean_variance(values.mean(axis=1), levels)
    if of_runs is None:
        return None
    estimate = estimate_for_new_images(values, of_runs)
    return NewImages(
        estimate.standard_error,
        estimate.seed_share,
        estimate.degrees_of_freedom,
        Interval(0.0, 0.0),  # follows with the correction
    )


def _independent(comparison: Comparison) -> int:
    """Return how many independent pairs tell as much as these; crossed runs are not independent."""
    freedom = comparison.degrees_of_freedom
    return comparison.n if freedom is None else math.floor(freedom + 1e-9) + 1


def _corrected(comparison: Comparison, tests: int, weight: float) -> Comparison:
    level, p_value = LEVEL * weight, comparison.p_value
    adjusted = None if p_value is None else min(p_value / weight, 1.0)
    # What the test does not find, no other interval may show: two looks at the same pairs, each
    # with 5% for chance, would suggest a difference in more than 5% of studies without one.
    found = adjusted is not None and adjusted < LEVEL
    better, new = comparison.probability_better, comparison.new_images
    of_better = (
        None if better is None else probability_interval(better, _independent(comparison), level)
    )
    return msgspec.structs.replace(
        comparison,
        comparisons=tests,
        weight=weight,
        p_adjusted=adjusted,
        interval=difference_interval(
            comparison.difference,
            comparison.standard_error,
            comparison.degrees_of_freedom,
            level,
        ),
        probability_interval=of_better if found or of_better is None else of_better.with_value(0.5),
        new_images=new and _at_level(new, comparison.difference or 0.0, level, found=found),
    )


def _at_level(new: NewImages, difference: float, level: float, *, found: bool) -> NewImages:
    estimate = Estimate(difference, new.standard_error, new.seed_share, new.degrees_of_freedom)
    interval = estimate.interval(level)
    return msgspec.structs.replace(new, interval=interval if found else interval.with_value(0.0))


def _paired_t(differences: Aggregate, error: MeanVariance | None) -> float | None:
    if error is None or differences.mean is None:
        return None
    if error.variance == 0:
        return 0.0 if differences.mean else 1.0
    ratio = -abs(differences.mean) / error.standard_error
    return 2 * float(stdtr(error.degrees_of_freedom, ratio))
