"""Calibration against scikit-learn and plain loops."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from made_predictions import CASES, from_probabilities, made_runs
from seedbed.analysis.subjects.calibration.compute import (
    Reliability,
    brier_score,
    calibration,
    reliability,
)
from seedbed.analysis.subjects.calibration.result import Bins
from seedbed.core.errors import DataError


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("bins", [1, 10, 15])
def test_bins_are_those_of_scikit_learn(case: str, bins: int) -> None:
    run = CASES[case]()
    right, confident = calibration_curve(~run.wrong, run.confidences, n_bins=bins, pos_label=True)
    result = reliability(run, bins).bins()
    assert sum(result.images) == len(run)
    for means, expected in ((result.accuracy, right), (result.confidence, confident)):
        found = [mean for mean in means if mean is not None]
        assert found == pytest.approx(expected, abs=1e-12)
    images = [count for count in result.images if count]
    error = np.average(np.abs(right - confident), weights=images)
    assert reliability(run, bins).error == pytest.approx(error, abs=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_brier_score(case: str) -> None:
    run = CASES[case]()
    one_hot = np.eye(len(run.class_names))[run.labels]
    expected = np.mean(np.sum((run.probabilities - one_hot) ** 2, axis=1))
    assert brier_score(run) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("case", ["random", "absent class", "class never predicted", "ties"])
def test_brier_score_is_that_of_scikit_learn(case: str) -> None:
    run = CASES[case]()
    expected = brier_score_loss(
        run.labels,
        run.probabilities,
        labels=range(len(run.class_names)),
        scale_by_half=False,
    )
    assert brier_score(run) == pytest.approx(expected, abs=1e-12)


def test_edges_belong_to_the_lower_bin() -> None:
    run = from_probabilities(np.array([[0.5, 0.5], [0.75, 0.25], [1.0, 0.0]]), np.array([0, 0, 1]))
    assert reliability(run, 4).bins() == Bins(
        lower=(0.0, 0.25, 0.5, 0.75),
        upper=(0.25, 0.5, 0.75, 1.0),
        images=(0, 1, 1, 1),
        confidence=(None, 0.5, 0.75, 1.0),
        accuracy=(None, 1.0, 1.0, 0.0),
    )


def test_over_runs() -> None:
    runs = made_runs(3)
    result = calibration(runs, bins=10)
    errors = [reliability(run, 10).error for run in runs]
    scores = [brier_score(run) for run in runs]
    assert (result.ece, result.ece_std) == pytest.approx((np.mean(errors), np.std(errors, ddof=1)))
    assert (result.brier, result.brier_std) == pytest.approx(
        (np.mean(scores), np.std(scores, ddof=1))
    )
    assert sum(result.bins.images) == 3 * len(runs[0])
    with pytest.raises(DataError) as error:
        calibration([])
    assert error.value.expected == "the predictions of at least one"


def test_the_debiased_error_is_that_of_resampled_bins() -> None:
    """Kumar, Liang and Ma draw the accuracies of bins anew; here many draws stand for the limit."""
    generator = np.random.default_rng(5)
    counts = np.array([40, 0, 100, 220])
    correct = np.array([12, 0, 70, 220])
    diagram = Reliability(counts, np.array([16.0, 0, 66, 215]), correct)
    filled = counts > 0
    accuracy = correct[filled] / counts[filled]
    confidence = diagram.confidences[filled] / counts[filled]
    drawn = generator.normal(
        accuracy, np.sqrt(accuracy * (1 - accuracy) / counts[filled]), (200_000, 3)
    )
    resampled = np.abs(drawn - confidence) @ counts[filled] / counts.sum()
    assert diagram.debiased_error == pytest.approx(2 * diagram.error - resampled.mean(), abs=5e-5)


def test_right_probabilities_have_less_debiased_error() -> None:
    generator = np.random.default_rng(6)
    usual, debiased = [], []
    for _ in range(100):
        confidence = generator.uniform(0.5, 1, 360)
        correct = generator.random(360) < confidence
        run = from_probabilities(
            np.stack([confidence, 1 - confidence], axis=1), np.where(correct, 0, 1)
        )
        diagram = reliability(run)
        usual.append(diagram.error)
        debiased.append(diagram.debiased_error)
    assert np.mean(usual) > 0.04
    assert np.mean(debiased) < 0.6 * np.mean(usual)
