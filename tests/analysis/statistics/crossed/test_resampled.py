"""Means over runs that hold out different images: the correction of Nadeau and Bengio."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.intervals import with_resampled_interval
from seedbed.analysis.statistics.crossed import levels_of, mean_variance
from seedbed.analysis.statistics.crossed.resampled import Resampling
from seedbed.analysis.statistics.paired import compare
from seedbed.study.spec.seeds import read_seeds

FOLDS = Resampling("fold", 160, 40)


def keys(value: object) -> list[int | str]:
    return [seeds.key for seeds in read_seeds(value)]


def test_the_variance_is_that_of_the_paper() -> None:
    """(1/J + n2/n1) s², with J - 1 degrees of freedom: Nadeau and Bengio 2003, section 3."""
    values = np.random.default_rng(0).normal(0.9, 0.02, 5)
    found = mean_variance(values, None, FOLDS.overlaps(keys(5)))
    assert found is not None
    assert found.variance == pytest.approx((1 / 5 + 1 / 4) * values.var(ddof=1), abs=1e-15)
    assert found.degrees_of_freedom == 4


def test_the_corrected_t_test_is_that_of_the_paper() -> None:
    generator = np.random.default_rng(1)
    seeds = keys(10)
    a, b = (generator.normal(0.9, 0.02, 10) for _ in range(2))
    found = compare(
        "a",
        "b",
        dict(zip(seeds, a, strict=True)),
        dict(zip(seeds, b, strict=True)),
        resampling=FOLDS,
    )
    difference = a - b
    ratio = difference.mean() / np.sqrt((1 / 10 + 1 / 4) * difference.var(ddof=1))
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(ratio), 9), abs=1e-12)
    assert found.p_sign_flip is None
    assert found.overlap == 0.25


@pytest.mark.parametrize(
    "value", [{"run": 5, "fold": [2]}, {"initialization": 5, "fold": [0]}, ["a.csv", "b.csv"]]
)
def test_runs_that_hold_out_the_same_images_are_not_corrected(value: object) -> None:
    named = value if isinstance(value, list) else keys(value)
    assert FOLDS.overlaps(named) is None


def test_of_crossed_seeds_the_splits_alone_are_corrected() -> None:
    seeds = keys({"initialization": 3, "fold": 5})
    assert levels_of(seeds) is not None
    assert FOLDS.overlaps(seeds) == [0.0, 0.25]
    values = np.random.default_rng(2).normal(size=(3, 5))
    found = mean_variance(values.ravel(), levels_of(seeds), FOLDS.overlaps(seeds))
    expected = values.mean(axis=1).var(ddof=1) / 3 + values.mean(axis=0).var(ddof=1) * (
        1 / 5 + 1 / 4
    )
    assert found is not None
    assert found.variance == pytest.approx(expected, abs=1e-15)


def cross_validated(
    generator: np.random.Generator, folds: int
) -> tuple[NDArray[np.float64], float]:
    """Return the accuracy of each fold, of the nearest of two means, and that on new images."""
    labels = np.arange(100) % 2
    images = generator.normal(labels[:, np.newaxis] * 0.6, 1, (100, 10))
    accuracies = []
    for fold in range(folds):
        held_out = np.arange(100) // 2 % folds == fold
        means = [images[~held_out & (labels == k)].mean(axis=0) for k in (0, 1)]
        distances = [np.square(images[held_out] - mean).sum(axis=1) for mean in means]
        accuracies.append(float(((distances[0] > distances[1]) == labels[held_out]).mean()))
    truth = 0.0
    rest = images[20:]
    means = [rest[labels[20:] == k].mean(axis=0) for k in (0, 1)]
    direction, middle = means[1] - means[0], (means[0] + means[1]) / 2
    for k in (0, 1):
        shift = ((np.full(10, 0.6 * k) - middle) @ direction) / np.linalg.norm(direction)
        truth += 0.5 * float(stats.norm.cdf(shift if k else -shift))
    return np.array(accuracies), truth


def test_the_interval_holds_the_accuracy_on_new_images() -> None:
    generator = np.random.default_rng(3)
    studies = 600
    drawn = [cross_validated(generator, 5) for _ in range(studies)]
    truth = float(np.mean([truth for _, truth in drawn]))
    held = uncorrected = 0
    for values, _ in drawn:
        resampling = Resampling("fold", 80, 20)
        found = with_resampled_interval(Accuracies.of(values.tolist()), keys(5), resampling)
        assert found is not None
        interval = found.interval_new_images
        assert interval is not None
        held += interval.low <= truth <= interval.high
        half = stats.t.ppf(0.975, 4) * values.std(ddof=1) / np.sqrt(5)
        uncorrected += abs(values.mean() - truth) <= half
    error = 3 * np.sqrt(0.05 * 0.95 / studies)
    assert held / studies > 0.935 - error
    assert uncorrected < held


def test_equal_folds_have_the_interval_of_one() -> None:
    found = with_resampled_interval(Accuracies.of([0.9] * 5), keys(5), FOLDS)
    assert found is not None
    assert found.interval_new_images is not None
    assert found.interval is None
    assert found.interval_new_images.low < 0.9 < found.interval_new_images.high
