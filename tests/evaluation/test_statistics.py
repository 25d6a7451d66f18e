"""Comparisons against SciPy, and against definitions worked out by brute force."""

from itertools import combinations, product

import numpy as np
import pytest
from scipy import stats

from seedbed.core.errors import DataError
from seedbed.evaluation.statistics import (
    Comparison,
    compare,
    compare_all,
    correct_together,
    holm,
    probability_better,
    sign_flip_test,
)

GENERATOR = np.random.Generator(np.random.Philox(5))


@pytest.mark.parametrize("n", [1, 2, 5, 8, 11])
@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_sign_flips_are_those_of_scipy(n: int, shift: float) -> None:
    differences = GENERATOR.normal(shift, 1, n)
    result = sign_flip_test(differences)
    if n == 1:
        assert result.p_value == 1.0  # SciPy wants two.
        return
    expected = stats.permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=np.inf
    )
    assert result.p_value == pytest.approx(expected.pvalue, abs=1e-12)
    assert result.method == "exact"


@pytest.mark.parametrize("n", [3, 6, 9])
def test_sign_flips_with_ties(n: int) -> None:
    # As accuracies are: multiples of 1/10000, which floating point does not hold exactly.
    for _ in range(20):
        counts = GENERATOR.integers(-3, 4, n)
        sums = [
            abs(sum(s * c for s, c in zip(signs, counts, strict=True))) for signs in signs_of(n)
        ]
        expected = np.mean([each >= abs(counts.sum()) for each in sums])
        accuracies = 0.9 + counts / 10_000
        assert sign_flip_test(accuracies - 0.9).p_value == pytest.approx(expected, abs=1e-12)


def signs_of(n: int) -> list[tuple[int, ...]]:
    return list(product((-1, 1), repeat=n))


def test_one_sided_evidence_reaches_the_minimum() -> None:
    assert sign_flip_test([0.01, 0.02, 0.03, 0.01, 0.02]).p_value == 0.0625
    assert sign_flip_test(-np.arange(1, 21)).p_value == pytest.approx(2.0**-19)


def test_no_difference() -> None:
    assert sign_flip_test([0.0, 0.0, 0.0]).p_value == 1
    assert sign_flip_test([0.1, -0.1]).p_value == 1
    assert sign_flip_test([0.0] * 50).p_value == 1


def test_many_pairs() -> None:
    differences = GENERATOR.normal(0.2, 1, 41)
    exact = sign_flip_test(differences[:32])
    assert exact.method == "exact"
    sampled = stats.permutation_test(
        (differences[:32],), np.mean, permutation_type="samples", n_resamples=20_000, rng=1
    )
    assert exact.p_value == pytest.approx(sampled.pvalue, abs=0.015)
    normal = sign_flip_test(differences)
    assert normal.method == "normal approximation"
    z = differences.sum() / np.sqrt(np.sum(differences**2))
    assert normal.p_value == pytest.approx(2 * stats.norm.sf(abs(z)), abs=1e-12)


@pytest.mark.parametrize("wrong", [[], [0.1, float("nan")], [[0.1], [0.2]]])
def test_what_cannot_be_tested(wrong: object) -> None:
    with pytest.raises(DataError, match="expected one or more finite numbers"):
        sign_flip_test(wrong)  # type: ignore[arg-type]


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
    assert result.differences.runs == pytest.approx(differences)
    paired = stats.ttest_rel([0.90, 0.91, 0.92], [0.91, 0.90, 0.90]).confidence_interval(0.95)
    assert result.interval is not None
    assert (result.interval.low, result.interval.high) == pytest.approx(
        (paired.low, paired.high), abs=1e-10
    )
    assert result.probability_better == pytest.approx(2 / 3)
    assert result.p_value == 0.75
    assert result.to_dict()["difference"] == pytest.approx(np.mean(differences))


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
    assert result.to_dict()["p_value"] is None
    tested = compare("a", "c", {1: 0.5}, {1: 0.4})
    together = correct_together([result, tested])
    assert [each.p_holm for each in together] == [None, 1.0]
    assert together[1].family == 1


def test_all_against_all_and_against_a_baseline() -> None:
    seeds = range(8)
    values = {
        name: {seed: base + GENERATOR.normal(0, 0.001) for seed in seeds}
        for name, base in (("a", 0.9), ("b", 0.91), ("c", 0.9))
    }
    every = compare_all(values)
    assert [(each.first, each.second) for each in every] == [("a", "b"), ("a", "c"), ("b", "c")]
    corrected = holm([each.p_value for each in every if each.p_value is not None])
    assert [each.p_holm for each in every] == corrected.tolist()
    against = compare_all(values, baseline="b")
    assert [(each.first, each.second) for each in against] == [("a", "b"), ("c", "b")]
    assert {each.family for each in against} == {2}
    assert compare_all({"a": {0: 0.5}}) == ()
    with pytest.raises(DataError, match="no configuration 'd'; expected one of a, b, c"):
        compare_all(values, baseline="d")
