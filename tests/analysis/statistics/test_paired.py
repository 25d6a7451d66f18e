"""Comparisons against SciPy, and against their definitions by brute force."""

import numpy as np
import pytest
from scipy import stats

from seedbed.analysis.statistics.comparison import LEVEL
from seedbed.analysis.statistics.paired import (
    compare,
    compare_all,
    correct_together,
)
from seedbed.core.errors import DataError

GENERATOR = np.random.Generator(np.random.Philox(5))


def test_comparison_over_paired_seeds() -> None:
    first = {0: 0.90, 1: 0.91, 2: 0.92, 7: 0.1}
    second = {2: 0.90, 1: 0.90, 0: 0.91, 9: 0.2}
    result = compare("a", "b", first, second)
    differences = [0.90 - 0.91, 0.91 - 0.90, 0.92 - 0.90]
    assert result.n == 3
    assert result.difference == pytest.approx(np.mean(differences))
    assert result.std == pytest.approx(np.std(differences, ddof=1))
    paired = stats.ttest_rel([0.90, 0.91, 0.92], [0.91, 0.90, 0.90]).confidence_interval(0.95)
    assert result.interval is not None
    assert (result.interval.low, result.interval.high) == pytest.approx(
        (paired.low, paired.high), abs=1e-10
    )
    assert result.probability_better == pytest.approx(2 / 3)
    test = stats.ttest_rel([0.90, 0.91, 0.92], [0.91, 0.90, 0.90])
    assert result.p_value == pytest.approx(test.pvalue, abs=1e-12)
    assert result.p_sign_flip == 0.75


def test_test_and_interval_agree() -> None:
    """A corrected p-value is below 0.05 exactly where the interval leaves out 0."""
    for n in (2, 3, 5, 9):
        for _ in range(200):
            shift = GENERATOR.normal(0, 2)
            values = {
                name: dict(enumerate(0.5 + 0.01 * GENERATOR.normal(number * shift, 1, n)))
                for number, name in enumerate("abc")
            }
            for comparison in compare_all(values):
                assert comparison.interval is not None
                assert comparison.p_adjusted is not None
                low, high = comparison.interval.low, comparison.interval.high
                assert (comparison.p_adjusted < LEVEL) == (low > 0 or high < 0)


def test_the_correction_is_bonferronis() -> None:
    values = {name: dict(enumerate(0.5 + 0.01 * GENERATOR.normal(size=6))) for name in "abcd"}
    every = compare_all(values)
    assert {comparison.comparisons for comparison in every} == {6}
    for comparison in every:
        a, b = values[comparison.a], values[comparison.b]
        test = stats.ttest_rel(list(a.values()), list(b.values()))
        assert comparison.p_adjusted == pytest.approx(min(6 * test.pvalue, 1), rel=1e-10)
        interval = test.confidence_interval(1 - LEVEL / 6)
        assert comparison.interval is not None
        assert (comparison.interval.low, comparison.interval.high) == pytest.approx(
            (interval.low, interval.high), abs=1e-12
        )


def test_equal_differences_of_whole_images_do_not_show_that_nothing_varies() -> None:
    a, b = dict.fromkeys(range(2), 0.51), dict.fromkeys(range(2), 0.5)
    rounded = compare("a", "b", a, b, images=100)
    assert rounded.std == pytest.approx(0, abs=1e-15)
    assert rounded.standard_error == pytest.approx(0.25 / np.sqrt(2) / 100 / np.sqrt(2))
    assert rounded.verdict == "not significant"
    equal = compare("a", "b", a, a, images=100)
    assert (equal.p_value, equal.verdict) == (1, "not significant")
    assert compare("a", "b", a, a).p_value == 1
    # Numbers that were not rounded do not vary at all.
    assert (
        compare("a", "b", dict.fromkeys(range(3), 1.0), dict.fromkeys(range(3), 0.5)).p_value == 0
    )


def test_one_pair_is_not_tested() -> None:
    result = compare("a", "b", {1: 0.5}, {1: 0.4})
    assert result.difference == pytest.approx(0.1)
    assert (result.p_value, result.interval, result.verdict) == (None, None, "not tested")
    assert result.note == "one seed in common: a test needs two"


def test_without_a_seed_in_common() -> None:
    result = compare("a", "b", {1: 0.5}, {2: 0.5})
    assert result.note == "no seed in common"
    assert result.p_value is None
    tested = compare("a", "c", {1: 0.5, 2: 0.7}, {1: 0.4, 2: 0.7})
    together = correct_together([result, tested])
    assert [comparison.p_adjusted for comparison in together] == [None, tested.p_value]
    assert together[1].comparisons == 1


def test_all_against_all_and_against_a_baseline() -> None:
    seeds = range(8)
    values = {
        name: {seed: base + GENERATOR.normal(0, 0.001) for seed in seeds}
        for name, base in (("a", 0.9), ("b", 0.91), ("c", 0.9))
    }
    every = compare_all(values)
    assert [(each.a, each.b) for each in every] == [("a", "b"), ("a", "c"), ("b", "c")]
    against = compare_all(values, baseline="b")
    assert [(each.a, each.b) for each in against] == [("a", "b"), ("c", "b")]
    assert {each.comparisons for each in against} == {2}
    assert compare_all({"a": {0: 0.5}}) == ()
    with pytest.raises(DataError) as error:
        compare_all(values, baseline="d")
    assert error.value.what == "no configuration 'd'"
    assert error.value.expected == "one of a, b, c"


def test_a_swapped_comparison_is_that_of_b_with_a() -> None:
    of_a, of_b = {0: 0.9, 1: 0.91, 2: 0.95}, {0: 0.92, 1: 0.9, 2: 0.91}
    one, other = compare("a", "b", of_a, of_b), compare("b", "a", of_b, of_a)
    swapped = one.swapped()
    assert (swapped.a, swapped.b, swapped.n) == ("b", "a", 3)
    assert swapped.difference == pytest.approx(other.difference)
    assert swapped.probability_better == pytest.approx(other.probability_better)
    assert swapped.interval is not None
    assert other.interval is not None
    assert (swapped.interval.low, swapped.interval.high) == pytest.approx(
        (other.interval.low, other.interval.high)
    )
    assert swapped.probability_interval is not None
    assert other.probability_interval is not None
    assert swapped.probability_interval.low == pytest.approx(other.probability_interval.low)
    assert swapped.probability_interval.high == pytest.approx(other.probability_interval.high)
    again = swapped.swapped()
    assert (again.a, again.b, again.interval) == (one.a, one.b, one.interval)


@pytest.mark.parametrize(
    ("n", "above", "verdict"),
    [
        (8, 0.1, "better"),
        (8, -0.1, "worse"),
        (8, 0.0, "not significant"),
        (2, 0.1, "better"),
        (1, 0.1, "not tested"),
        (0, 0.1, "not tested"),
    ],
)
def test_verdicts(n: int, above: float, verdict: str) -> None:
    of_a = dict.fromkeys(range(n), 0.5 + above)
    found = compare("a", "b", of_a, dict.fromkeys(range(n), 0.5), images=1000)
    assert found.verdict == verdict
