"""Power and seeds, against published figures and simulated studies."""

import numpy as np
import pytest
from scipy import stats

from seedbed.analysis.aggregate import Interval
from seedbed.analysis.statistics.planning import (
    detectable,
    least_effect,
    power,
    seeds_needed,
    upper_limit,
)


@pytest.mark.parametrize(("effect", "n"), [(0.2, 199), (0.5, 34), (0.8, 15), (1.0, 10)])
def test_seeds_are_those_of_published_tables(effect: float, n: int) -> None:
    """Of a paired t-test with a power of 80% at 0.05, as G*Power and Cohen's tables have them."""
    assert seeds_needed(effect, 0.8) == n
    assert power(n - 1, effect) < 0.8 <= power(n, effect)


@pytest.mark.parametrize(("n", "effect", "tests"), [(5, 1.5, 1), (5, 2.0, 3), (10, 1.0, 6)])
def test_power_is_that_of_simulated_studies(n: int, effect: float, tests: int) -> None:
    generator = np.random.default_rng(2)
    found = stats.ttest_1samp(generator.normal(effect, 1, (20_000, n)), 0, axis=1)
    share = np.mean((found.pvalue < 0.05 / tests) & (found.statistic > 0))
    assert power(n, effect, 1 / tests) == pytest.approx(share, abs=0.012)


def test_the_least_effect_is_the_inverse_of_power() -> None:
    for n, wanted, tests in ((2, 0.8, 1), (5, 0.9, 3), (30, 0.5, 10)):
        assert power(n, least_effect(n, wanted, 1 / tests), 1 / tests) == pytest.approx(wanted)


@pytest.mark.parametrize(("n", "tests"), [(2, 1), (5, 3), (30, 10)])
def test_what_is_detectable_has_the_power_of_that_difference(n: int, tests: int) -> None:
    std = 0.004
    runs = stats.t(n - 1, loc=0.001, scale=std / np.sqrt(n))
    interval = Interval(*map(float, runs.interval(1 - 0.05 / tests)))
    effect = detectable(interval, n - 1, 1 / tests) / std
    assert power(n, effect, 1 / tests) == pytest.approx(0.8)


def test_a_difference_that_no_study_finds() -> None:
    assert seeds_needed(0.001, 0.8) is None


def test_the_upper_limit_holds_in_four_of_five_pilots() -> None:
    generator = np.random.default_rng(3)
    stds = generator.normal(0, 1, (20_000, 4)).std(axis=1, ddof=1)
    held = np.mean([upper_limit(std, 3) >= 1 for std in stds])
    assert held == pytest.approx(0.8, abs=0.012)
