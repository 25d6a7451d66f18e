"""Balanced accuracy and macro F1, their influences and intervals, against independent oracles."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.metrics import balanced_accuracy_score, f1_score

from seedbed.analysis.intervals import interval_for_new_images
from seedbed.analysis.statistics.measures.class_measures import Measure, balanced_accuracy, macro_f1
from seedbed.analysis.statistics.measures.influence import with_measured_intervals

SIZES = (120, 40, 15, 9)
CLASSES = len(SIZES)
BOTH = [balanced_accuracy, macro_f1]
Measuring = Callable[[NDArray[np.int64], NDArray[np.int64], int], Measure]


def of_sklearn(measure: Measuring, labels: object, predicted: object, **options: object) -> float:
    if measure is balanced_accuracy:
        return float(balanced_accuracy_score(labels, predicted, **options))
    return float(f1_score(labels, predicted, average="macro", **options))


def drawn(
    n: int, generator: np.random.Generator, sizes: tuple[int, ...] = SIZES
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return labels, and predictions of runs that differ, of images that differ."""
    labels = np.repeat(np.arange(CLASSES), sizes)
    ease = np.array([3.0, 2.0, 1.2, 0.8])[labels] + generator.normal(0, 1.5, len(labels))
    skill = generator.normal(0, 0.3, (n, CLASSES))[:, labels]
    right = generator.random((n, len(labels))) < expit(ease + skill)
    other = (labels + 1 + generator.integers(0, CLASSES - 1, right.shape)) % CLASSES
    return labels, np.where(right, labels, other)


@pytest.mark.parametrize("measure", BOTH)
def test_the_values_are_those_of_scikit_learn(measure: Measuring) -> None:
    labels, predicted = drawn(4, np.random.default_rng(0))
    expected = [of_sklearn(measure, labels, run) for run in predicted]
    assert measure(labels, predicted, CLASSES).values == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("measure", BOTH)
def test_an_influence_is_the_derivative_by_the_weight_of_an_image(measure: Measuring) -> None:
    labels, predicted = drawn(1, np.random.default_rng(1))
    influence = measure(labels, predicted, CLASSES).influence
    assert influence is not None
    support = np.bincount(labels)
    for image in range(0, len(labels), 7):
        ends = []
        for change in (1e-5, -1e-5):
            weights = np.ones(len(labels))
            weights[image] += change
            ends.append(of_sklearn(measure, labels, predicted[0], sample_weight=weights))
        size = support[labels[image]]
        unbiased = np.sqrt(size / (size - 1)) if measure is balanced_accuracy else 1.0
        derivative = len(labels) * (ends[0] - ends[1]) / 2e-5
        assert influence[0, image] == pytest.approx(unbiased * derivative, rel=1e-5, abs=1e-8)


def test_with_equal_classes_it_is_the_interval_of_accuracy() -> None:
    generator = np.random.default_rng(2)
    labels, predicted = drawn(5, generator, (100, 100, 100, 100))
    balanced = with_measured_intervals(balanced_accuracy(labels, predicted, CLASSES))
    of_accuracy = interval_for_new_images(predicted == labels)
    assert balanced.mean == pytest.approx(float((predicted == labels).mean()))
    interval = balanced.interval_new_images
    assert interval is not None
    assert of_accuracy is not None
    # Balanced accuracy does not depend on how many images of each class are drawn.
    assert interval.high - interval.low < of_accuracy.high - of_accuracy.low
    assert interval.low == pytest.approx(of_accuracy.low, abs=0.01)


@pytest.mark.parametrize("measure", BOTH)
def test_the_interval_of_a_run_is_as_wide_as_that_of_a_bootstrap(measure: Measuring) -> None:
    labels, predicted = drawn(1, np.random.default_rng(3), (240, 80, 60, 60))
    interval = with_measured_intervals(measure(labels, predicted, CLASSES)).interval_new_images
    assert interval is not None
    generator = np.random.default_rng(4)
    resampled = []
    for _ in range(1500):
        chosen = np.concatenate(
            [generator.choice(np.flatnonzero(labels == k), (labels == k).sum()) for k in range(4)]
        )
        values = measure(labels[chosen], predicted[:, chosen], CLASSES).values
        resampled.append(float(values[0]))
    low, high = np.quantile(resampled, [0.025, 0.975])
    assert interval.high - interval.low == pytest.approx(high - low, rel=0.15)


@pytest.mark.parametrize("measure", BOTH)
def test_the_interval_for_new_images_holds_the_measure_of_new_images_and_seeds(
    measure: Measuring,
) -> None:
    many = tuple(100 * size for size in SIZES)
    labels, predicted = drawn(60, np.random.default_rng(5), many)
    true = float(measure(labels, predicted, CLASSES).values.mean())
    generator = np.random.default_rng(6)
    held = 0
    for _ in range(300):
        labels, predicted = drawn(5, generator)
        interval = with_measured_intervals(measure(labels, predicted, CLASSES)).interval_new_images
        assert interval is not None
        held += interval.low <= true <= interval.high
    assert 0.92 <= held / 300 <= 0.985  # 95% ± 2.5 standard deviations of 300 draws


def test_equal_runs_and_runs_without_errors_have_intervals_of_their_images() -> None:
    labels, predicted = drawn(1, np.random.default_rng(7))
    equal = with_measured_intervals(
        balanced_accuracy(labels, np.repeat(predicted, 3, axis=0), CLASSES)
    )
    assert equal.interval is not None
    assert equal.interval.low < (equal.mean or 0) < equal.interval.high
    perfect = with_measured_intervals(macro_f1(labels, np.stack([labels] * 3), CLASSES))
    assert perfect.mean == 1.0
    assert perfect.interval_new_images is not None
    # A few images of rare classes say less than as many images of all.
    assert perfect.interval_new_images.low < 1 - 4 / len(labels)
    assert perfect.interval_new_images.high == 1.0


def test_a_class_with_a_single_image_cannot_show_how_much_images_vary() -> None:
    labels = np.array([0, 0, 0, 1])
    predicted = np.array([[0, 0, 1, 1], [0, 0, 0, 0]])
    for measure in BOTH:
        result = with_measured_intervals(measure(labels, predicted, 2))
        assert result.interval is not None
        assert result.interval_new_images is None
