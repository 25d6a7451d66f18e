"""Confidence intervals, against SciPy."""

import numpy as np
import pytest
from scipy import stats

from seedbed.analysis.aggregate import Accuracies, Aggregate
from seedbed.analysis.intervals import (
    interval_for_new_images,
    interval_over_seeds,
    t_interval,
    wilson_interval,
    with_intervals,
)


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("values", [(0.9, 0.92), (0.99, 0.991, 0.9895, 0.9911, 0.9899)])
def test_t_interval(values: tuple[float, ...], confidence: float) -> None:
    low, high = stats.t.interval(
        confidence, len(values) - 1, loc=np.mean(values), scale=stats.sem(values)
    )
    interval = t_interval(Aggregate.of(values), confidence)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-12)


def test_t_interval_of_equal_and_of_few_runs() -> None:
    equal = t_interval(Aggregate.of((0.5, 0.5, 0.5)))
    assert equal is not None
    assert (equal.low, equal.high) == (0.5, 0.5)
    assert t_interval(Aggregate.of((0.5,))) is None
    assert t_interval(Aggregate.of(())) is None


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
@pytest.mark.parametrize(
    ("correct", "images"), [(9912, 10000), (10000, 10000), (0, 10000), (1, 1), (0, 1), (7, 30)]
)
def test_wilson_interval(correct: int, images: int, confidence: float) -> None:
    expected = stats.binomtest(correct, images).proportion_ci(confidence, method="wilson")
    found = wilson_interval(correct, images, confidence)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert 0 <= found.low <= correct / images <= found.high <= 1


def test_over_seeds_is_students_interval_on_the_logit_scale() -> None:
    values = np.array([0.99, 0.991, 0.9895])
    found = interval_over_seeds(Accuracies.of(values), 10_000)
    assert found is not None
    half = stats.t.ppf(0.975, 2) * stats.sem(values)
    mean = values.mean()
    odds = np.log(mean / (1 - mean)) + np.array([-1, 1]) * half / (mean * (1 - mean))
    np.testing.assert_allclose([found.low, found.high], 1 / (1 + np.exp(-odds)), rtol=1e-12)
    # In the middle, where the scale is straight, narrow intervals are Student's.
    middle = Accuracies.of((0.5001, 0.4999, 0.5002))
    near = t_interval(middle)
    straight = interval_over_seeds(middle, 10_000)
    assert near is not None
    assert straight is not None
    assert (straight.low, straight.high) == pytest.approx((near.low, near.high), abs=1e-8)


def test_equal_runs_do_not_show_that_all_runs_are_equal() -> None:
    for mean in (1.0, 0.0):
        found = interval_over_seeds(Accuracies.of((mean, mean, mean)), 300)
        assert found == wilson_interval(round(900 * mean), 900)
    found = interval_over_seeds(Accuracies.of((1 / 3,) * 3), 300)
    # Two that differ by a quarter of an image have this standard deviation.
    std = np.std([0, 0.25], ddof=1) / 300
    half = stats.t.ppf(0.975, 2) * std / np.sqrt(3)
    assert found is not None
    assert found.high - found.low == pytest.approx(2 * half, rel=1e-4)


@pytest.mark.parametrize("few", [(), (0.5,)])
def test_few_runs_have_no_interval_over_seeds(few: tuple[float, ...]) -> None:
    assert interval_over_seeds(Accuracies.of(few), 8) is None


def test_intervals_stay_within_0_and_1() -> None:
    generator = np.random.default_rng(1)
    for _ in range(50):
        correct = generator.random((3, 40)) < generator.random()
        for interval in (
            interval_over_seeds(Accuracies.of(correct.mean(axis=1)), 40),
            interval_for_new_images(correct),
        ):
            assert interval is not None
            assert 0 <= interval.low <= correct.mean() <= interval.high <= 1


def test_new_images_vary_too() -> None:
    """Runs that agree about every image say nothing new, however many they are."""
    images = np.arange(400) % 10 > 0
    agreeing = interval_for_new_images(np.tile(images, (8, 1)))
    alone = interval_for_new_images(images[np.newaxis])
    assert alone == wilson_interval(360, 400)
    assert agreeing is not None
    assert (agreeing.low, agreeing.high) == pytest.approx((alone.low, alone.high), abs=0.002)
    perfect = interval_for_new_images(np.ones((5, 400), bool))
    assert perfect == wilson_interval(400, 400)


def test_the_intervals_of_an_accuracy() -> None:
    single = with_intervals(Accuracies.of((0.75,)), 8)
    assert (single.interval, single.interval_new_images) == (None, wilson_interval(6, 8))
    assert single.shown_interval == single.interval_new_images
    correct = np.array([[True, True, True, False], [True, False, True, False]])
    several = with_intervals(Accuracies.of((0.75, 0.5)), 4, correct)
    assert several.shown_interval == interval_over_seeds(several, 4)
    assert several.interval_new_images == interval_for_new_images(correct)
    none = with_intervals(Accuracies.of(()), 8)
    assert (none.interval, none.interval_new_images) == (None, None)
