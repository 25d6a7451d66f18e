"""Accuracy on corrupted images over runs."""

import numpy as np
import pytest

from seedbed.analysis.intervals import interval_over_seeds
from seedbed.analysis.subjects.robustness.answers import QUESTIONS, RobustnessAnswers
from seedbed.analysis.subjects.robustness.compute import robustness


def asked(accuracy: float, *, without: int = 0) -> RobustnessAnswers:
    found = RobustnessAnswers(weights_sha256="abc")
    for kind, strength in sorted(QUESTIONS)[without:]:
        found = found.with_answer(kind, strength, accuracy / (1 + strength), 200)
    return found


def test_means_deviations_and_intervals_are_over_runs() -> None:
    found = robustness([(7, asked(0.9)), (8, asked(0.8)), (9, asked(0.85))])
    assert found is not None
    of = found.robustness
    assert of.seeds == (7, 8, 9)
    assert len(of.corruptions) == len(QUESTIONS) - 1
    lines = [(0.0, of.uncorrupted), *((each.strength, each) for each in of.corruptions)]
    for strength, each in lines:
        values = np.array([0.9, 0.8, 0.85]) / (1 + strength)
        assert each.accuracy.runs == pytest.approx(values)
        assert each.accuracy.std == pytest.approx(values.std(ddof=1))
        assert each.accuracy.interval == interval_over_seeds(each.accuracy, of.images)


def test_a_run_that_has_not_been_asked_everything_does_not_count() -> None:
    found = robustness([(0, asked(0.9)), (1, asked(0.8, without=1))])
    assert found is not None
    assert found.robustness.seeds == (0,)
    interval = found.robustness.uncorrupted.accuracy.shown_interval
    assert interval is not None
    assert interval.low < 0.9 < interval.high
    assert robustness([(0, asked(0.9, without=1))]) is None
    assert robustness([]) is None
