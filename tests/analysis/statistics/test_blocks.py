"""Effects over all blocks against statsmodels' analysis of variance with repeated measures."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from seedbed.analysis.statistics.blocks import correct_effects, effect_over_blocks, sphericity

with warnings.catch_warnings():
    # statsmodels uses what pandas is about to drop.
    warnings.simplefilter("ignore")
    from statsmodels.stats.anova import AnovaRM

GENERATOR = np.random.default_rng(8)


def accuracies(n: int, blocks: int, shift: float) -> np.ndarray:
    """Return 2×n×K accuracies of two levels of a factor, paired by seed within blocks."""
    of_seeds = GENERATOR.normal(0, 0.002, (1, n, 1))
    values = 0.9 + of_seeds + GENERATOR.normal(0, 0.003, (2, n, blocks))
    values[0] += shift + 0.002 * np.arange(blocks)
    return values


@pytest.mark.parametrize(("n", "blocks"), [(4, 2), (5, 3), (9, 4)])
def test_main_effect_and_interaction_are_those_of_repeated_measures(n: int, blocks: int) -> None:
    values = accuracies(n, blocks, 0.003)
    found = effect_over_blocks("a", "b", values[0] - values[1])
    rows = [
        (level, seed, block, values[level, seed, block])
        for level in range(2)
        for seed in range(n)
        for block in range(blocks)
    ]
    frame = pd.DataFrame(rows, columns=["level", "seed", "block", "accuracy"])
    table = AnovaRM(frame, "accuracy", "seed", within=["level", "block"]).fit().anova_table
    assert found.p_value == pytest.approx(table.loc["level", "Pr > F"], abs=1e-10)
    # statsmodels assumes sphericity: the same F, with other degrees of freedom.
    epsilon = sphericity(values[0] - values[1])
    freedom = (blocks - 1, (n - 1) * (blocks - 1))
    expected = stats.f.sf(table.loc["level:block", "F Value"], *np.multiply(epsilon, freedom))
    assert found.p_interaction == pytest.approx(expected, abs=1e-10)
    assert epsilon == pytest.approx(1) if blocks == 2 else 1 / (blocks - 1) <= epsilon < 1
    of_seeds = (values[0] - values[1]).mean(axis=1)
    interval = stats.ttest_1samp(of_seeds, 0).confidence_interval(0.95)
    assert found.difference == pytest.approx(of_seeds.mean())
    assert (found.interval.low, found.interval.high) == pytest.approx(
        (interval.low, interval.high), abs=1e-12
    )


def test_sphericity_is_that_of_the_eigenvalues_of_contrasts() -> None:
    values = GENERATOR.normal(size=(12, 4)) * [1, 2, 5, 9]
    contrasts = np.linalg.qr(np.column_stack([np.ones(4), np.eye(4)[:, :3]]))[0][:, 1:]
    eigenvalues = np.linalg.eigvalsh(np.cov(values @ contrasts, rowvar=False))
    expected = eigenvalues.sum() ** 2 / (3 * np.square(eigenvalues).sum())
    assert sphericity(values) == pytest.approx(expected)


def test_several_effects_are_corrected_together() -> None:
    effects = [
        effect_over_blocks(name, "d", np.subtract(*accuracies(5, 3, 0.002))) for name in "abc"
    ]
    for before, after in zip(effects, correct_effects(effects, 3, 1 / 3), strict=True):
        assert after.p_adjusted == pytest.approx(min(3 * before.p_value, 1))
        assert after.comparisons == 3
        assert after.weight == pytest.approx(1 / 3)
        assert after.p_interaction >= after.p_adjusted
        low, high = after.interval.low, after.interval.high
        assert (after.p_adjusted < 0.05) == (low > 0 or high < 0)


def test_an_effect_has_the_share_of_the_level_that_it_is_given() -> None:
    effect = effect_over_blocks("a", "b", np.subtract(*accuracies(6, 3, 0.002)))
    (found,) = correct_effects([effect], comparisons=7, weight=1 / 2)
    assert found.p_adjusted == pytest.approx(min(2 * effect.p_value, 1))
    half = found.interval.high - found.difference
    before = effect.interval.high - effect.difference
    assert half / before == pytest.approx(stats.t.ppf(1 - 0.0125, 5) / stats.t.ppf(0.975, 5))
    assert found.comparisons == 7


def test_seeds_that_lose_a_run_each_in_different_blocks_agree_by_chance() -> None:
    differences = GENERATOR.normal(0, 0.001, (2, 6))
    differences[0, 1] -= 0.9
    differences[1, 4] -= 0.9
    by_chance = effect_over_blocks("a", "b", differences)
    found = effect_over_blocks("a", "b", differences, collapsed=True)
    assert by_chance.p_value < 0.01
    assert found.p_value > 0.2
    error = np.sqrt(differences.var(axis=0, ddof=1).sum()) / 6 / np.sqrt(2)
    assert found.interval.high - found.difference == pytest.approx(stats.t.ppf(0.975, 1) * error)


def test_equal_differences_vary_by_rounding() -> None:
    found = effect_over_blocks("a", "b", np.full((3, 2), 0.01), least=0.001)
    error = 0.001 / np.sqrt(2) / np.sqrt(3)
    assert found.interval.high - found.difference == pytest.approx(stats.t.ppf(0.975, 2) * error)
    assert found.p_interaction == 1


@pytest.mark.parametrize("spread", [(1, 1, 1), (1, 3, 12)])
def test_the_interaction_errs_as_often_as_it_should(spread: tuple[float, ...]) -> None:
    studies = 2000
    values = GENERATOR.normal(size=(studies, 5, 3)) * spread
    found = np.mean([effect_over_blocks("a", "b", of).p_interaction < 0.05 for of in values])
    assert found < 0.05 + 4 * np.sqrt(0.05 * 0.95 / studies)
