"""Contrasts against SciPy, against the comparison of two configurations, and by simulation."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import linregress, ttest_1samp

from seedbed.analysis.statistics.contrasts.estimate import contrast, trend_weights
from seedbed.analysis.statistics.paired import compare

LEVELS = (0.0, 0.2, 0.4, 0.8)


def runs_of(accuracies: object) -> list[dict[int, float]]:
    return [dict(enumerate(of)) for of in np.asarray(accuracies).tolist()]


def test_a_trend_is_the_mean_of_the_slopes_of_the_seeds() -> None:
    accuracies = np.random.default_rng(0).normal(0.9, 0.01, (4, 6))
    result = contrast(trend_weights(LEVELS).tolist(), runs_of(accuracies), 0.05)
    slopes = [linregress(LEVELS, of_seed).slope for of_seed in accuracies.T]
    expected = ttest_1samp(slopes, 0).confidence_interval(0.95)
    assert result.mean == pytest.approx(np.mean(slopes), abs=1e-12)
    assert result.std == pytest.approx(np.std(slopes, ddof=1), abs=1e-12)
    assert result.interval is not None
    ends = (result.interval.low, result.interval.high)
    assert ends == pytest.approx((expected.low, expected.high), abs=1e-10)


def test_two_weights_are_the_comparison_of_two_configurations() -> None:
    generator = np.random.default_rng(1)
    answers = [{seed: generator.random(300) < p for seed in range(4)} for p in (0.9, 0.8)]
    runs = [{seed: float(right.mean()) for seed, right in of.items()} for of in answers]
    result = contrast((1, -1), runs, 0.05, images=300, answers=answers)
    compared = compare("a", "b", *runs, images=300, answers=(answers[0], answers[1]))
    assert result.mean == pytest.approx(compared.difference)
    assert (result.n, result.sign) == (4, 1)
    assert compared.interval is not None
    assert compared.new_images is not None
    for one, other in (
        (result.interval, compared.interval),
        (result.interval_new_images, compared.new_images.interval),
    ):
        assert one is not None
        assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-12)
    turned = result.turned()
    assert turned.mean == -(result.mean or 0)
    assert turned.sign == -1


def test_equal_numbers_do_not_show_that_nothing_varies() -> None:
    result = contrast((1, -1), runs_of([[0.9, 0.9], [0.8, 0.8]]), 0.05, images=100)
    assert result.interval is not None
    assert result.interval.low < 0.1 < result.interval.high
    same = compare("a", "b", *runs_of([[0.9, 0.9], [0.8, 0.8]]), images=100).interval
    assert same is not None
    assert (result.interval.low, result.interval.high) == pytest.approx((same.low, same.high))
    alone = contrast((1, -1), runs_of([[0.9], [0.8]]), 0.05)
    assert alone.interval is alone.interval_new_images is None
    assert alone.sign == 0


def test_the_interval_for_new_images_holds_the_trend_on_new_images() -> None:
    generator = np.random.default_rng(2)
    seeds, images, weights = 5, 400, trend_weights(LEVELS)

    def drawn(seeds: int, images: int) -> np.ndarray:
        ease = generator.normal(3, 2, images) - 3 * np.array(LEVELS)[:, None, None]
        skill = generator.normal(0, 0.3, (len(LEVELS), seeds, 1))
        return np.asarray(generator.random((len(LEVELS), seeds, images)) < expit(ease + skill))

    true = float(weights @ drawn(400, 4000).mean(axis=(1, 2)))
    held = 0
    for _ in range(300):
        answers = [dict(enumerate(of)) for of in drawn(seeds, images)]
        runs = [{seed: float(right.mean()) for seed, right in of.items()} for of in answers]
        interval = contrast(
            weights.tolist(), runs, 0.05, images=images, answers=answers
        ).interval_new_images
        assert interval is not None
        held += interval.low <= true <= interval.high
    assert 0.92 <= held / 300 <= 0.985  # 95% ± 2.5 standard deviations of 300 draws
