"""Components of variance, against least squares and against simulated worlds."""

import numpy as np
import pytest

from seedbed.analysis.statistics.components import MeanSquares


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


def test_degrees_of_freedom_are_those_of_the_component_that_dominates() -> None:
    runs, images = np.array([0.0, 1, 2, 3])[:, None], np.linspace(0, 1, 50)[None]
    only_runs = MeanSquares.of(runs + 0 * images)
    only_images = MeanSquares.of(0 * runs + images)
    assert only_runs.degrees_of_freedom == pytest.approx(3)
    assert only_images.degrees_of_freedom == pytest.approx(49)
    assert only_runs.variance == pytest.approx(np.var([0, 1, 2, 3], ddof=1) / 4)


def test_without_components_the_residual_is_the_bound() -> None:
    # Rows and columns all have the mean 1/2: their mean squares are 0.
    squares = MeanSquares.of(np.array([[0.0, 1], [1, 0]]))
    assert (squares.of_runs, squares.of_images, squares.residual) == (0, 0, 1)
    assert squares.variance == 1 / 4
    assert squares.degrees_of_freedom == 1
