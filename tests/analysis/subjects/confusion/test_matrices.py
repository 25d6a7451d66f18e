"""Confusion matrices, against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix

from made_predictions import CASES, made, made_runs
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.subjects.confusion.matrices import confusion_matrices
from seedbed.core.errors import DataError


@pytest.mark.parametrize("case", CASES)
def test_confusion_of_one_run(case: str) -> None:
    run = CASES[case]()
    classes = range(len(run.class_names))
    result = confusion_matrices([run])
    np.testing.assert_array_equal(
        result.counts[0], confusion_matrix(run.labels, run.predicted, labels=classes)
    )
    expected = confusion_matrix(run.labels, run.predicted, labels=classes, normalize="true")
    np.testing.assert_allclose(result.normalized[0], expected, atol=1e-15)
    np.testing.assert_allclose(result.mean, expected, atol=1e-15)
    assert result.std is None


def test_confusion_over_runs() -> None:
    runs = made_runs(4)
    each = [confusion_matrix(run.labels, run.predicted, normalize="true") for run in runs]
    result = confusion_matrices(runs)
    np.testing.assert_allclose(result.mean, np.mean(each, axis=0), atol=1e-15)
    assert result.std is not None
    np.testing.assert_allclose(result.std, np.std(each, axis=0, ddof=1), atol=1e-15)


def test_runs_must_be_of_the_same_images() -> None:
    run = made(20)
    with pytest.raises(DataError) as error:
        confusion_matrices([run, Predictions(run.scores, 4 - run.labels, run.class_names)])
    assert error.value.what == "run 2 has other labels than run 1"


def test_an_entry_holds_rates_and_counts() -> None:
    matrices = confusion_matrices(made_runs(2))
    result = matrices.result()
    np.testing.assert_array_equal(result.confusion, matrices.mean)
    np.testing.assert_array_equal(result.confusion_counts, matrices.counts)
    assert result.confusion_std is not None
    assert confusion_matrices(made_runs(1)).result().confusion_std is None
