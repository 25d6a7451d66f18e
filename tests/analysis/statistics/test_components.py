"""Components of variance, against least squares and against simulated worlds."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

from seedbed.analysis.statistics.components import (
    Estimate,
    MeanSquares,
    behrens_fisher,
    estimate_for_new_images,
)


def test_mean_squares_are_those_of_nested_least_squares_fits() -> None:
    values = np.random.default_rng(3).normal(size=(4, 7))
    n, images = values.shape
    runs = np.repeat(np.eye(n), images, axis=0)
    columns = np.tile(np.eye(images), (n, 1))
    constant = np.ones((n * images, 1))

    def rest(*designs: np.ndarray) -> float:
        design = np.hstack([constant, *designs])
        fitted = design @ np.linalg.lstsq(design, values.ravel(), rcond=None)[0]
        return float(np.square(values.ravel() - fitted).sum())

    squares = MeanSquares.of(values)
    assert squares.of_runs == pytest.approx((rest() - rest(runs)) / (n - 1))
    assert squares.of_images == pytest.approx((rest() - rest(columns)) / (images - 1))
    assert squares.residual == pytest.approx(rest(runs, columns) / ((n - 1) * (images - 1)))


def test_the_variance_is_that_of_the_mean_in_a_simulated_world() -> None:
    generator = np.random.default_rng(4)
    n, images, studies = 5, 30, 2000
    of_runs, of_images, residual = 0.3, 1.0, 2.0
    means, estimates = [], []
    for _ in range(studies):
        values = (
            generator.normal(0, of_runs, (n, 1))
            + generator.normal(0, of_images, (1, images))
            + generator.normal(0, residual, (n, images))
        )
        means.append(values.mean())
        estimates.append(MeanSquares.of(values).variance)
    true = of_runs**2 / n + of_images**2 / images + residual**2 / (n * images)
    error = true * np.sqrt(2 / studies)
    assert np.var(means) == pytest.approx(true, abs=4 * error)
    assert np.mean(estimates) == pytest.approx(true, abs=4 * error)


def test_without_components_the_residual_is_the_bound() -> None:
    # Rows and columns all have the mean 1/2: their mean squares are 0.
    squares = MeanSquares.of(np.array([[0.0, 1], [1, 0]]))
    assert (squares.of_runs, squares.of_images, squares.residual) == (0, 0, 1)
    assert squares.variance == 1 / 4
    assert squares.bounded


def test_the_quantile_is_that_of_what_varies() -> None:
    runs, images = np.array([0.0, 1, 2, 3])[:, None], np.linspace(0, 1, 50)[None]
    only_runs = estimate_for_new_images(runs + 0 * images)
    only_images = estimate_for_new_images(0 * runs + images)
    assert only_runs.quantile(0.05) == pytest.approx(stats.t.ppf(0.975, 3))
    assert only_images.quantile(0.05) == pytest.approx(stats.norm.ppf(0.975))
    assert only_runs.standard_error == pytest.approx(stats.sem([0, 1, 2, 3]))
    assert only_images.standard_error == pytest.approx(stats.sem(images[0]))


@pytest.mark.parametrize("freedom", [1, 2, 11])
def test_the_quantile_is_that_of_behrens_and_fisher(freedom: int) -> None:
    generator = np.random.default_rng(freedom)
    draws = 400_000
    student = stats.t.rvs(freedom, size=draws, random_state=generator)
    normal = generator.standard_normal(draws)
    for share, level in ((0.01, 0.05), (0.3, 0.05), (0.7, 0.01), (0.97, 0.05)):
        quantile = behrens_fisher(level, share, freedom)
        sums = np.sqrt(share) * student + np.sqrt(1 - share) * normal
        error = np.sqrt(level * (1 - level) / draws)
        assert np.mean(np.abs(sums) > quantile) == pytest.approx(level, abs=4 * error)
    assert behrens_fisher(0.05, 1.0, freedom) == pytest.approx(stats.t.ppf(0.975, freedom))
    assert behrens_fisher(0.05, 0.0, freedom) == pytest.approx(stats.norm.ppf(0.975))


@pytest.mark.parametrize(
    ("freedom", "level", "least", "most"),
    [(1, 0.05, 0.9385, 0.978), (2, 0.05, 0.946, 0.966), (4, 0.05, 0.949, 0.959)]
    + [(freedom, level, 1 - level, 1) for freedom in (1, 2, 4) for level in (0.01, 0.001)],
)
def test_an_interval_holds_for_any_share_of_seeds(
    freedom: int, level: float, least: float, most: float
) -> None:
    """The variance of seeds is estimated, that of images is known; both are integrated exactly."""
    chances = (np.arange(2000) + 0.5) / 2000
    estimates = stats.chi2.ppf(chances, freedom) / freedom
    shares = np.concatenate([np.geomspace(1e-6, 0.05, 60), np.linspace(0.06, 1, 60)])
    quantiles = [Estimate(0.0, 1.0, share, freedom).quantile(level) for share in shares]
    for share in np.linspace(0.05, 1, 20):
        variances = share * estimates + 1 - share
        quantile = np.interp(share * estimates / variances, shares, quantiles)
        held = np.mean(2 * stats.norm.cdf(quantile * np.sqrt(variances)) - 1)
        assert least - level / 50 < held < most


def test_the_error_is_at_least_that_of_one_image() -> None:
    equal = estimate_for_new_images(np.zeros((3, 50)))
    assert equal == Estimate(0.0, 1 / 50, 0.0, 2)
    assert estimate_for_new_images(np.zeros((3, 50)), largest=2.0).standard_error == 2 / 50


def test_differences_agree_with_the_pigeonhole_bootstrap() -> None:
    """Runs and images are drawn again, each with replacement (Owen 2007)."""
    generator = np.random.default_rng(5)
    n, images, draws = 20, 150, 4000
    # Hardly any residual: of that, the pigeonhole bootstrap counts three times as much.
    values = (
        generator.normal(0.1, 0.2, (n, 1))
        + generator.normal(0, 0.8, (1, images))
        + generator.normal(0, 0.1, (n, images))
    )
    rows = generator.integers(n, size=(draws, n))
    columns = generator.integers(images, size=(draws, images))
    means = [values[row][:, column].mean() for row, column in zip(rows, columns, strict=True)]
    # Drawn with replacement, n values have (n - 1) / n of their variance.
    expected = np.std(means) * np.sqrt(n / (n - 1))
    found = estimate_for_new_images(values).standard_error
    assert found == pytest.approx(expected, rel=4 / np.sqrt(2 * draws))


@pytest.mark.parametrize("n", [2, 5])
def test_an_interval_holds_the_difference_on_all_images(n: int) -> None:
    generator = np.random.default_rng(n)
    images, studies = 100, 1000
    held = 0
    for _ in range(studies):
        difficulty = generator.normal(1.5, 2, images)
        answers = [
            generator.random((n, images)) < expit(difficulty + generator.normal(0, 0.3, (n, 1)))
            for _ in range(2)
        ]
        estimate = estimate_for_new_images(answers[0].astype(float) - answers[1])
        interval = estimate.interval(0.05)
        held += interval.low <= 0 <= interval.high
    error = 4 * np.sqrt(0.05 * 0.95 / studies)
    assert 0.935 - error < held / studies < 0.97 + error
