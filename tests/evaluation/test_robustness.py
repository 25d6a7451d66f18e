"""Accuracy on altered images over runs."""

import numpy as np
import pytest
from scipy import stats

from seedbed.evaluation.robustness import robustness
from seedbed.study.store.robustness_file import QUESTIONS, Robustness


def asked(accuracy: float, *, without: int = 0) -> Robustness:
    found = Robustness(weights_sha256="abc")
    for kind, strength in sorted(QUESTIONS)[without:]:
        found = found.with_answer(kind, strength, accuracy / (1 + strength), 200)
    return found


def test_means_deviations_and_intervals_are_those_of_scipy() -> None:
    found = robustness([(7, asked(0.9)), (8, asked(0.8)), (9, asked(0.85))])
    assert found is not None
    assert found["seeds"] == [7, 8, 9]
    assert len(found["corruptions"]) == len(QUESTIONS) - 1
    for each in [{"strength": 0, **found["unaltered"]}, *found["corruptions"]]:
        values = np.array([0.9, 0.8, 0.85]) / (1 + each["strength"])
        assert each["accuracy"]["runs"] == pytest.approx(values)
        assert each["accuracy"]["std"] == pytest.approx(values.std(ddof=1))
        low, high = stats.t.interval(0.95, 2, values.mean(), stats.sem(values))
        assert each["interval"] == pytest.approx({"low": low, "high": high})


def test_a_run_that_has_not_been_asked_everything_does_not_count() -> None:
    found = robustness([(0, asked(0.9)), (1, asked(0.8, without=1))])
    assert found is not None
    assert found["seeds"] == [0]
    assert found["unaltered"]["interval"]["low"] < 0.9 < found["unaltered"]["interval"]["high"]
    assert robustness([(0, asked(0.9, without=1))]) is None
    assert robustness([]) is None
