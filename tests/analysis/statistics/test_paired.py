"""Comparisons against SciPy, and against their definitions by brute force."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from seedbed.analysis.statistics.comparison import LEVEL, Comparison, pairs_needed
from seedbed.analysis.statistics.paired import (
    compare,
    compare_all,
    correct_together,
    holm,
    probability_better,
)
from seedbed.core.errors import DataError

GENERATOR = np.random.Generator(np.random.Philox(5))


def test_probability_better() -> None:
    assert probability_better([1.0, 2.0, -1.0, 0.0]) == 0.625
    assert probability_better([0.0]) == 0.5


def test_holm_is_the_closed_bonferroni_test() -> None:
    for size in (1, 2, 4, 6):
        p_values = GENERATOR.random(size).round(1) / 3
        expected = [
            max(
                min(1.0, len(others) * min(p_values[i] for i in others))
                for k in range(1, size + 1)
                for others in combinations(range(size), k)
                if tested in others
            )
            for tested in range(size)
        ]
        np.testing.assert_allclose(holm(p_values), expected, atol=1e-15)
    assert holm([]).tolist() == []


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
    assert result.p_value == 0.75


@pytest.mark.parametrize(
    ("n", "others", "note"),
    [
        (1, 0, "n = 1 cannot reach p < 0.05 (the lowest possible is 1)"),
        (5, 0, "n = 5 cannot reach p < 0.05 (the lowest possible is 0.0625)"),
        (6, 0, None),
        (6, 1, "n = 6 cannot reach p < 0.05 among 2 comparisons (the lowest possible is 0.0625)"),
        (8, 5, None),
    ],
)
def test_too_few_runs_are_named(n: int, others: int, note: str | None) -> None:
    one = compare("a", "b", dict.fromkeys(range(n), 0.9), dict.fromkeys(range(n), 0.8))
    result = correct_together([one] * (others + 1))[0]
    assert result.note == note
    assert result.p_value == result.minimum_p == 2.0 ** (1 - n)
    assert result.p_holm == result.minimum_p_holm


def test_comparisons_of_more_pairs_leave_those_of_fewer_a_chance() -> None:
    def clear(n: int) -> Comparison:
        return compare("a", "b", dict.fromkeys(range(n), 0.9), dict.fromkeys(range(n), 0.8))

    few, many = correct_together([clear(6), clear(9)])
    assert (few.minimum_p_holm, few.note) == (0.03125, None)
    assert many.minimum_p_holm == 2 * 2.0**-8
    assert [each.p_holm for each in (few, many)] == [few.minimum_p_holm, many.minimum_p_holm]
    few, fewest = correct_together([clear(6), clear(5)])
    assert few.note is not None
    assert "n = 6 cannot reach p < 0.05 among 2 comparisons" in few.note
    assert fewest.minimum_p_holm == 0.0625


def test_without_a_seed_in_common() -> None:
    result = compare("a", "b", {1: 0.5}, {2: 0.5})
    assert result.note == "no seed in common"
    assert result.p_value is None
    tested = compare("a", "c", {1: 0.5}, {1: 0.4})
    together = correct_together([result, tested])
    assert [each.p_holm for each in together] == [None, 1.0]
    assert together[1].comparisons == 1


def test_all_against_all_and_against_a_baseline() -> None:
    seeds = range(8)
    values = {
        name: {seed: base + GENERATOR.normal(0, 0.001) for seed in seeds}
        for name, base in (("a", 0.9), ("b", 0.91), ("c", 0.9))
    }
    every = compare_all(values)
    assert [(each.a, each.b) for each in every] == [("a", "b"), ("a", "c"), ("b", "c")]
    corrected = holm([each.p_value for each in every if each.p_value is not None])
    assert [each.p_holm for each in every] == corrected.tolist()
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
    assert swapped.swapped() == one


@pytest.mark.parametrize(
    ("n", "above", "verdict"),
    [
        (8, 0.1, "better"),
        (8, -0.1, "worse"),
        (8, 0.0, "not significant"),
        (5, 0.1, "too few pairs"),
        (0, 0.1, "not tested"),
    ],
)
def test_verdicts(n: int, above: float, verdict: str) -> None:
    of_a = dict.fromkeys(range(n), 0.5 + above)
    (found,) = correct_together([compare("a", "b", of_a, dict.fromkeys(range(n), 0.5))])
    assert found.verdict == verdict


def test_how_many_pairs_are_needed() -> None:
    for comparisons in range(1, 50):
        n = pairs_needed(comparisons)
        assert holm([2.0 ** (1 - n)] * comparisons).min() < LEVEL
        assert holm([2.0 ** (2 - n)] * comparisons).min() >= LEVEL
