"""Trimmed comparisons against SciPy, and against Student's where a run collapsed."""

import numpy as np
import pytest
from scipy import stats

from seedbed.analysis.statistics.trimmed import trimmed_comparison

GENERATOR = np.random.default_rng(6)


@pytest.mark.parametrize("n", [5, 9, 10, 23])
@pytest.mark.parametrize("tests", [1, 3])
def test_it_is_scipys_interval_of_a_trimmed_mean(n: int, tests: int) -> None:
    differences = GENERATOR.normal(0.002, 0.004, n)
    found = trimmed_comparison(differences.tolist(), weight=1 / tests)
    assert found is not None
    assert found.difference == pytest.approx(stats.trim_mean(differences, 0.2), abs=1e-12)
    # SciPy's limits are the shares that are cut, which are whole numbers of differences here.
    cut = n // 5 / n
    low, high = stats.mstats.trimmed_mean_ci(
        differences, limits=(cut, cut), inclusive=(True, True), alpha=0.05 / tests
    )
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high), abs=1e-10)
    assert (found.p_adjusted < 0.05) == (low > 0 or high < 0)
    assert (found.n, found.kept) == (n, n - 2 * (n // 5))


def test_one_collapsed_run_does_not_hide_a_difference() -> None:
    differences = np.array([0.010, 0.012, 0.011, 0.013, 0.009, 0.012, 0.010, -0.7])
    found = trimmed_comparison(differences.tolist())
    assert found is not None
    assert found.p_adjusted < 0.001
    assert stats.ttest_1samp(differences, 0).pvalue > 0.3


def test_few_pairs_are_not_trimmed_and_equal_ones_vary_by_rounding() -> None:
    assert trimmed_comparison([0.01] * 4) is None
    found = trimmed_comparison([0.0] * 5, least=0.001)
    assert found is not None
    assert found.interval.high == pytest.approx(
        stats.t.ppf(0.975, 2) * 0.001 / (0.6 * np.sqrt(5)), abs=1e-12
    )
