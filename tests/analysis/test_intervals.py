"""Confidence intervals, against SciPy."""

import numpy as np
import pytest
from scipy import stats

from seedbed.analysis.aggregate import Accuracies, Aggregate
from seedbed.analysis.entry import fields_of
from seedbed.analysis.intervals import accuracy_interval, t_interval, wilson_interval


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("values", [(0.9, 0.92), (0.99, 0.991, 0.9895, 0.9911, 0.9899)])
def test_t_interval(values: tuple[float, ...], confidence: float) -> None:
    low, high = stats.t.interval(
        confidence, len(values) - 1, loc=np.mean(values), scale=stats.sem(values)
    )
    interval = t_interval(Aggregate.of(values), confidence)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=1e-12)


def test_t_interval_of_equal_and_of_few_runs() -> None:
    equal = t_interval(Aggregate.of((0.5, 0.5, 0.5)))
    assert equal is not None
    assert fields_of(equal) == {"low": 0.5, "high": 0.5}
    assert t_interval(Aggregate.of((0.5,))) is None
    assert t_interval(Aggregate.of(())) is None


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
@pytest.mark.parametrize(
    ("correct", "images"), [(9912, 10000), (10000, 10000), (0, 10000), (1, 1), (0, 1), (7, 30)]
)
def test_wilson_interval(correct: int, images: int, confidence: float) -> None:
    expected = stats.binomtest(correct, images).proportion_ci(confidence, method="wilson")
    found = wilson_interval(correct, images, confidence)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert 0 <= found.low <= correct / images <= found.high <= 1


def test_the_interval_of_a_table() -> None:
    assert accuracy_interval(Accuracies.of((0.75,)), 8) == wilson_interval(6, 8)
    several = Accuracies.of((0.75, 0.5))
    assert accuracy_interval(several, 8) == t_interval(several)
    assert accuracy_interval(Accuracies.of(()), 8) is None
