"""Equivalence within a margin, against SciPy's one-sided t-tests and by simulation."""

import numpy as np
import pytest
from scipy.stats import t, ttest_1samp

from seedbed.analysis.statistics.comparison import LEVEL
from seedbed.analysis.statistics.equivalence import equivalence, within_margin
from seedbed.analysis.statistics.paired import compare_all

GENERATOR = np.random.Generator(np.random.Philox(11))


@pytest.mark.parametrize("n", [2, 3, 5, 30])
@pytest.mark.parametrize("mean", [0.0, 0.004, -0.012])
@pytest.mark.parametrize("margin", [0.002, 0.005, 0.02])
def test_it_is_both_one_sided_tests(n: int, mean: float, margin: float) -> None:
    differences = GENERATOR.normal(mean, 0.004, n)
    test = equivalence(differences.tolist(), margin)
    above = ttest_1samp(differences, -margin, alternative="greater").pvalue
    below = ttest_1samp(differences, margin, alternative="less").pvalue
    assert test.shown == (max(above, below) < LEVEL)
    beyond = min(
        ttest_1samp(differences, margin, alternative="greater").pvalue,
        ttest_1samp(differences, -margin, alternative="less").pvalue,
    )
    assert test.refuted == (beyond < LEVEL)
    assert equivalence(differences.tolist(), test.within * 1.001).shown
    assert not equivalence(differences.tolist(), test.within * 0.999).shown


def test_one_pair_shows_nothing() -> None:
    test = equivalence([0.0], 0.005)
    assert test.interval is None
    assert (test.shown, test.refuted, test.within) == (False, False, float("inf"))


def test_pairs_without_any_spread_show_what_rounding_allows() -> None:
    assert equivalence([0.001, 0.001], 0.005).shown
    assert equivalence([0.006, 0.006], 0.005).refuted
    # Of 360 images, an accuracy is rounded to 1/360.
    test = equivalence([0.0, 0.0], 0.005, images=360)
    error = 0.25 / np.sqrt(2) / 360 / np.sqrt(2)
    assert test.within == pytest.approx(t.ppf(0.95, 1) * error)
    assert test.within > 0.002
    assert equivalence([0.0] * 5, 0.005, images=360).shown


def test_comparisons_are_equivalent_after_correction() -> None:
    values = {name: dict(enumerate(GENERATOR.normal(0.9, 0.002, 6))) for name in "abc"}
    compared = within_margin(compare_all(values), 0.004)
    assert {each.comparisons for each in compared} == {3}
    for each in compared:
        differences = [values[each.a][seed] - values[each.b][seed] for seed in range(6)]
        above = ttest_1samp(differences, -0.004, alternative="greater").pvalue
        below = ttest_1samp(differences, 0.004, alternative="less").pvalue
        assert each.p_equivalence == pytest.approx(min(3 * max(above, below), 1), abs=1e-10)
        assert each.equivalent == (3 * max(above, below) < LEVEL)
        assert each.swapped().p_equivalence == each.p_equivalence
    assert within_margin(compare_all(values), None) == compare_all(values)
    alone = within_margin(compare_all({"a": {0: 0.9}, "b": {0: 0.9}}), 0.004)
    assert (alone[0].p_equivalence, alone[0].equivalent) == (None, False)


@pytest.mark.parametrize("mean", [0.005, -0.005])
def test_at_the_margin_it_errs_in_one_of_twenty_at_most(mean: float) -> None:
    tests = [
        equivalence(differences.tolist(), 0.005)
        for differences in GENERATOR.normal(mean, 0.002, (4000, 5))
    ]
    for errors in (sum(test.shown for test in tests), sum(test.refuted for test in tests)):
        assert 0.04 < errors / len(tests) < 0.06  # ± 3 standard errors of 5%
