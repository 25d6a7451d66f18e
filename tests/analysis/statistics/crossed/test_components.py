"""Components of variance of crossed runs, against least squares and known truths."""

from collections.abc import Sequence
from itertools import combinations
from math import prod

import numpy as np
import pytest
from numpy.typing import NDArray

from seedbed.analysis.statistics.crossed.components import Analysis, image_shares

Array = NDArray[np.float64]


def dummies(shape: tuple[int, ...], term: Sequence[int]) -> Array:
    """Return a column for each combination of levels of a term."""
    indices = np.indices(shape).reshape(len(shape), -1)
    sizes = [shape[axis] for axis in term]
    groups = np.ravel_multi_index([indices[axis] for axis in term], sizes)
    columns: Array = np.eye(prod(sizes))[groups]
    return columns


def by_least_squares(cells: Array) -> dict[tuple[int, ...], tuple[float, int]]:
    """Return the sum of squares and degrees of freedom of each term, model by nested model."""
    shape, values = cells.shape, cells.ravel()
    terms: list[tuple[int, ...]] = [(axis,) for axis in range(cells.ndim)]
    terms += list(combinations(range(cells.ndim), 2)) if cells.ndim > 2 else []
    design, found = np.ones((values.size, 1)), {}

    def left(matrix: Array) -> tuple[float, int]:
        fitted = matrix @ np.linalg.lstsq(matrix, values, rcond=None)[0]
        return float(np.square(values - fitted).sum()), int(np.linalg.matrix_rank(matrix))

    before = left(design)
    for term in terms:
        design = np.hstack([design, dummies(shape, term)])
        after = left(design)
        found[term] = (before[0] - after[0], after[1] - before[1])
        before = after
    return {**found, (): (before[0], values.size - before[1])}


@pytest.mark.parametrize("shape", [(2, 2), (4, 3), (3, 3, 3), (4, 2, 3), (2, 3, 2, 3)])
def test_sums_of_squares_are_those_of_least_squares(shape: tuple[int, ...]) -> None:
    cells = np.random.default_rng(0).normal(0.9, 0.01, shape)
    analysis, expected = Analysis.of(cells, len(shape)), by_least_squares(cells)
    assert analysis.terms == tuple(expected)
    assert analysis.degrees_of_freedom == tuple(freedom for _, freedom in expected.values())
    squares = [of for of, _ in expected.values()]
    np.testing.assert_allclose(analysis.sums_of_squares[:, 0], squares, atol=1e-12, rtol=1e-10)


def test_two_streams_have_the_components_of_the_textbook() -> None:
    """(MS_A - MS_AB) / b and (MS_B - MS_AB) / a: Searle et al. 1992, chapter 4."""
    cells = np.random.default_rng(1).normal(size=(4, 3))
    analysis = Analysis.of(cells, 2)
    a, b, rest = analysis.mean_squares[:, 0]
    np.testing.assert_allclose(
        analysis.components[:, 0], [(a - rest) / 3, (b - rest) / 4, rest], rtol=1e-12
    )


def draw(shape: tuple[int, ...], variances: dict[tuple[int, ...], float], studies: int) -> Array:
    """Return cells × studies with these components; the rest is under ``()``."""
    generator = np.random.default_rng(2)
    cells = generator.normal(0, np.sqrt(variances[()]), (*shape, studies))
    for term, variance in variances.items():
        sizes = [shape[axis] if axis in term else 1 for axis in range(len(shape))]
        if term:
            cells += generator.normal(0, np.sqrt(variance), (*sizes, studies))
    return cells


@pytest.mark.parametrize(
    ("shape", "variances"),
    [
        ((4, 3), {(0,): 2.0, (1,): 0.0, (): 1.0}),
        ((3, 4, 2), {(0,): 1.0, (2,): 0.5, (0, 1): 2.0, (): 1.0}),
        ((2, 3, 2, 3), {(1,): 1.0, (1, 3): 0.5, (): 2.0}),
    ],
)
def test_the_estimates_are_unbiased(
    shape: tuple[int, ...], variances: dict[tuple[int, ...], float]
) -> None:
    studies = 20_000
    analysis = Analysis.of(draw(shape, variances, studies), len(shape))
    estimates = analysis.components
    truth = np.array([variances.get(term, 0.0) for term in analysis.terms])
    error = estimates.std(axis=1) / np.sqrt(studies)
    assert (np.abs(estimates.mean(axis=1) - truth) < 5 * error).all()
    assert (estimates[:-1] < 0).any()  # unbiased estimates of nothing are negative half the time


def test_the_components_sum_to_the_variance_of_a_run() -> None:
    """In a layout of one run a combination, they sum to that of independent runs, on average."""
    cells = draw((4, 4), {(0,): 1.0, (): 1.0}, 5000)
    assert Analysis.of(cells, 2).components.sum(axis=0).mean() == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize(
    ("shape", "variances"),
    [
        ((4, 4), {(0,): 1.0, (): 1.0}),
        ((3, 3, 3), {(0,): 0.4, (0, 2): 0.1, (1, 2): 0.1, (): 0.4}),
    ],
)
def test_intervals_hold_the_components_and_their_shares(
    shape: tuple[int, ...], variances: dict[tuple[int, ...], float]
) -> None:
    studies = 300
    cells = draw(shape, variances, studies)
    terms = Analysis.of(cells[..., 0], len(shape)).terms
    truth = np.array([variances.get(term, 0.0) for term in terms])
    held = np.zeros((2, len(terms)))
    for study in range(studies):
        intervals = Analysis.of(cells[..., study], len(shape)).intervals()
        for number, (of, share) in enumerate(intervals):
            held[0, number] += of.low <= truth[number] <= of.high
            held[1, number] += share.low <= truth[number] / truth.sum() <= share.high
    assert (held / studies > 0.92 - 4 * np.sqrt(0.05 * 0.95 / studies)).all()


def test_runs_that_never_vary_have_no_share() -> None:
    analysis = Analysis.of(np.full((3, 3), 0.9), 2)
    np.testing.assert_array_equal(analysis.components, 0)
    assert all(
        (low, high) == (0, 0)
        for low, high in ((share.low, share.high) for _, share in analysis.intervals())
    )


def test_the_share_in_single_images_is_that_of_their_means() -> None:
    generator = np.random.default_rng(3)
    components = generator.random((3, 500))
    for (share, interval), of_term in zip(image_shares(components), components, strict=True):
        assert share == pytest.approx(of_term.mean() / components.sum(axis=0).mean())
        assert interval.low < share < interval.high
        leaving_out = [
            np.delete(of_term, image).sum() / np.delete(components, image, axis=1).sum()
            for image in range(500)
        ]
        jackknife = np.sqrt(499 / 500 * np.square(leaving_out - np.mean(leaving_out)).sum())
        assert (interval.high - interval.low) / 2 == pytest.approx(1.96 * jackknife, rel=0.01)
