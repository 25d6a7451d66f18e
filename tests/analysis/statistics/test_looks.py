"""Group sequential boundaries: published values, brute force, and how often Student's test errs."""

import numpy as np
import pytest
from scipy import stats

from seedbed.analysis.statistics.looks import boundaries, levels_of_looks, spent


def test_five_equal_looks_have_the_published_boundaries() -> None:
    """Lan and DeMets' boundaries that resemble O'Brien and Fleming's, two-sided at 5%.

    The values are those of the program of Reboussin et al., Controlled Clinical Trials 21, 2000,
    whose quadrature is right to about 0.0001.
    """
    expected = (4.8769, 3.3569, 2.6803, 2.2898, 2.0310)
    assert boundaries((1, 2, 3, 4, 5), 0.05) == pytest.approx(expected, abs=2e-4)


def test_two_looks_agree_with_the_bivariate_normal_distribution() -> None:
    first, second = boundaries((3, 7), 0.05)
    correlation = np.sqrt(3 / 7)
    normal = stats.multivariate_normal(cov=[[1, correlation], [correlation, 1]])
    inside = normal.cdf([first, second], lower_limit=[-first, -second])
    assert 1 - inside == pytest.approx(0.05, abs=1e-6)


def test_a_single_look_is_the_usual_test() -> None:
    assert levels_of_looks((7,), 0.05) == pytest.approx((0.05,), abs=1e-10)
    assert spent(0.05, 1.0) == pytest.approx(0.05)


@pytest.mark.parametrize("looks", [(5, 10, 20), (2, 4, 8), (100, 101)])
def test_all_looks_together_spend_the_level(looks: tuple[int, ...]) -> None:
    generator = np.random.default_rng(sum(looks))
    bounds, studies = boundaries(looks, 0.05), 20_000
    steps = np.sqrt(np.diff((0, *looks))) * generator.normal(size=(studies, len(looks)))
    crossed = np.abs(np.cumsum(steps, axis=1)) > np.multiply(bounds, np.sqrt(looks))
    error = 4 * np.sqrt(0.05 * 0.95 / studies)
    assert crossed.any(axis=1).mean() == pytest.approx(0.05, abs=error)
    first = spent(0.05, looks[0] / looks[-1])
    assert crossed[:, 0].mean() == pytest.approx(first, abs=4 * np.sqrt(first / studies))


@pytest.mark.parametrize("looks", [(5, 10, 20), (2, 4, 8)])
def test_students_test_at_these_levels_errs_as_often_as_it_should(looks: tuple[int, ...]) -> None:
    generator = np.random.default_rng(sum(looks))
    studies = 20_000
    values = generator.normal(size=(studies, looks[-1]))
    found = np.zeros(studies, bool)
    for n, level in zip(looks, levels_of_looks(looks, 0.05), strict=True):
        found |= stats.ttest_1samp(values[:, :n], 0, axis=1).pvalue < level
    assert 0.045 < found.mean() < 0.055
