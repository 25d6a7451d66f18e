"""Precision, recall and F1 against scikit-learn."""

import math

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from made_predictions import CASES, made_runs
from seedbed.analysis.subjects.confusion.matrices import confusion_matrices
from seedbed.evaluation.per_class import class_scores


@pytest.mark.parametrize("case", CASES)
def test_scores_of_one_run(case: str) -> None:
    run = CASES[case]()
    classes = range(len(run.class_names))
    expected = precision_recall_fscore_support(
        run.labels, run.predicted, labels=classes, zero_division=np.nan
    )
    found = class_scores(confusion_matrices([run]))
    assert [each.support for each in found] == expected[3].tolist()
    for name, values in zip(("precision", "recall", "f1"), expected, strict=False):
        for scores, value in zip(found, values, strict=True):
            mean = getattr(scores, name).mean
            if math.isnan(value):
                assert mean is None
            else:
                assert mean == pytest.approx(value, abs=1e-12)


def test_spread_over_runs() -> None:
    runs = made_runs(4)
    each = [precision_recall_fscore_support(run.labels, run.predicted) for run in runs]
    for index, scores in enumerate(class_scores(confusion_matrices(runs))):
        recalls = [values[1][index] for values in each]
        assert scores.recall.runs == pytest.approx(recalls, abs=1e-15)
        assert scores.to_dict()["recall"] == {
            "mean": scores.recall.mean,
            "std": pytest.approx(np.std(recalls, ddof=1)),
            "n": 4,
        }
