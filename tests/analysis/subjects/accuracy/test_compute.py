"""The accuracies of runs, against scikit-learn and the records of runs."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import accuracy_score

from made_predictions import CASES, made_runs
from seedbed.analysis.intervals import interval_for_new_images
from seedbed.analysis.material import Material
from seedbed.analysis.subjects.accuracy.compute import compute


@pytest.mark.parametrize("case", CASES)
def test_accuracy(case: str) -> None:
    run = CASES[case]()
    accuracy = compute(Material([run], ["run"]))
    assert accuracy.test_accuracy.runs == (accuracy_score(run.labels, run.predicted),)


def test_external_runs_keep_their_order_and_tell_nothing_of_training() -> None:
    runs = made_runs(4)
    accuracy = compute(Material(runs, list("abcd")))
    assert accuracy.test_accuracy.runs == tuple(run.accuracy for run in runs)
    correct = np.array([run.predicted == run.labels for run in runs])
    assert accuracy.test_accuracy.interval_new_images == interval_for_new_images(correct)
    assert accuracy.test_accuracy.interval is not None
    assert accuracy.train_accuracy.runs == (None,) * 4
    assert accuracy.train_accuracy.interval is None
    assert accuracy.checkpoints is None


def test_no_run_has_no_accuracy() -> None:
    accuracy = compute(Material([], []))
    assert (accuracy.test_accuracy.n, accuracy.test_accuracy.mean) == (0, None)
    assert accuracy.test_accuracy.interval is None


def test_a_collapsed_run_takes_no_part_in_intervals() -> None:
    runs = made_runs(5)
    wrong = replace(runs[2], scores=-runs[2].scores)
    accuracy = compute(Material([*runs[:2], wrong, *runs[3:]], list("abcde")))
    assert [run.seed for run in accuracy.collapsed] == ["c"]
    assert accuracy.test_accuracy.n == 5
    assert accuracy.test_accuracy.interval is None
    assert accuracy.test_accuracy.interval_new_images is None
    others = compute(Material([*runs[:2], *runs[3:]], list("abde")))
    assert accuracy.without_collapsed == others.test_accuracy
    assert accuracy.collapse_interval is not None
    expected = stats.binomtest(1, 5).proportion_ci(0.95)
    interval = accuracy.collapse_interval
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))
    assert (others.without_collapsed, others.collapse_interval) == (None, None)
