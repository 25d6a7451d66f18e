"""The sign-flip test against SciPy, and against its definition by brute force."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from seedbed.analysis.statistics.sign_flip import sign_flip_test
from seedbed.core.errors import DataError

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
    with pytest.raises(DataError) as error:
        sign_flip_test(wrong)  # type: ignore[arg-type]
    assert error.value.expected == "one or more finite numbers"
