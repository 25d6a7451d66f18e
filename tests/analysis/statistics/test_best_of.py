"""The expected best of n runs, against SciPy's integral and drawn numbers."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from seedbed.analysis.statistics.best_of import best_in_words, expected_best


@pytest.mark.parametrize("n", [1, 2, 5, 10, 100])
def test_the_integral(n: int) -> None:
    def density(x: float) -> float:
        return float(x * n * norm.pdf(x) * norm.cdf(x) ** (n - 1))

    assert expected_best(n) == pytest.approx(quad(density, -9, 9, epsabs=1e-13)[0], abs=1e-10)


def test_drawn_runs() -> None:
    drawn = np.random.default_rng(0).standard_normal((200_000, 5)).max(axis=1)
    assert expected_best(5) == pytest.approx(
        drawn.mean(), abs=5 * drawn.std() / np.sqrt(len(drawn))
    )


def test_only_several_runs_have_a_best() -> None:
    assert best_in_words([1, 1]) == ""
    assert "1.16" in best_in_words([5, 1])
    assert {"0.85", "1.16"} <= set(best_in_words([3, 4, 5]).split())
