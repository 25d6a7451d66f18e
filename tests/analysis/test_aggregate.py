"""Mean and spread over runs."""

import numpy as np
import pytest

from seedbed.analysis.aggregate import Accuracies, Spread


def test_of_several_runs() -> None:
    values = (0.91, 0.93, 0.925, 0.9)
    spread = Accuracies(values)
    assert spread.n == 4
    assert spread.mean == pytest.approx(np.mean(values), abs=1e-15)
    assert spread.std == pytest.approx(np.std(values, ddof=1), abs=1e-15)
    assert spread.best == 0.93
    assert spread.to_dict() == {
        "mean": spread.mean,
        "std": spread.std,
        "best": 0.93,
        "runs": list(values),
    }


def test_a_single_run_has_no_spread() -> None:
    assert Spread((0.5,)).to_dict() == {"mean": 0.5, "std": None, "n": 1}


def test_no_run_has_nothing() -> None:
    assert Spread(()).to_dict() == {"mean": None, "std": None, "n": 0}
    assert Accuracies(()).best is None


def test_runs_without_the_number_are_left_out() -> None:
    assert Spread.of([0.5, None, float("nan"), 0.25]).runs == (0.5, 0.25)
