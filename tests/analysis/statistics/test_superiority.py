"""P(A > B) and its interval, against SciPy and the binomial distribution."""

import pytest
from scipy.stats import binom, binomtest

from seedbed.analysis.statistics.superiority import probability_better, probability_interval


def test_the_fraction_of_pairs() -> None:
    assert probability_better([1.0, 2.0, -1.0, 0.0]) == 0.625
    assert probability_better([0.0]) == 0.5


@pytest.mark.parametrize("n", [1, 5, 12, 200])
def test_the_interval_is_that_of_clopper_and_pearson(n: int) -> None:
    for better in range(n + 1):
        interval = probability_interval(better / n, n, 0.05)
        exact = binomtest(better, n).proportion_ci(0.95, "exact")
        assert (interval.low, interval.high) == pytest.approx((exact.low, exact.high), abs=1e-10)


@pytest.mark.parametrize("n", [2, 5, 10])
@pytest.mark.parametrize("true", [0.05, 0.3, 0.5, 0.9])
def test_it_covers_at_least_as_often_as_it_says(n: int, true: float) -> None:
    covered = sum(
        binom.pmf(better, n, true)
        for better in range(n + 1)
        if (interval := probability_interval(better / n, n, 0.05)).low <= true <= interval.high
    )
    assert covered >= 0.95


def test_a_tie_lies_between_a_win_and_a_loss() -> None:
    lost, tied, won = (probability_interval(better / 5, 5, 0.05) for better in (3, 3.5, 4))
    assert lost.low < tied.low < won.low
    assert lost.high < tied.high < won.high
