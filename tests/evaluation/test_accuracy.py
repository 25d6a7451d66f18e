"""Accuracies, against scikit-learn."""

import pytest
from sklearn.metrics import accuracy_score

from made_predictions import CASES, made_runs
from seedbed.core.errors import DataError
from seedbed.evaluation.accuracy import accuracies


@pytest.mark.parametrize("case", CASES)
def test_accuracy(case: str) -> None:
    run = CASES[case]()
    assert accuracies([run]).runs == (accuracy_score(run.labels, run.predicted),)


def test_runs_in_order() -> None:
    runs = made_runs(4)
    assert accuracies(runs).runs == tuple(run.accuracy for run in runs)
    with pytest.raises(DataError, match="no runs"):
        accuracies([])
