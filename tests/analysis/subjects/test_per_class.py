"""Precision, recall and F1 against scikit-learn."""

import math

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from made_entries import made_entry
from made_predictions import CASES, made_runs
from seedbed.analysis.subjects.per_class import class_scores, per_class_table
from tables import lines_of


@pytest.mark.parametrize("case", CASES)
def test_scores_of_one_run(case: str) -> None:
    run = CASES[case]()
    classes = range(len(run.class_names))
    expected = precision_recall_fscore_support(
        run.labels, run.predicted, labels=classes, zero_division=np.nan
    )
    found = class_scores([run])
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
    for index, scores in enumerate(class_scores(runs)):
        recalls = [values[1][index] for values in each]
        expected = (np.mean(recalls), np.std(recalls, ddof=1))
        assert (scores.recall.mean, scores.recall.std) == pytest.approx(expected, abs=1e-12)
        assert scores.recall.n == 4


def test_the_table_has_a_row_for_each_class() -> None:
    entry = made_entry()
    report = per_class_table([entry])
    rows = report.tables[0].groups[0]
    assert [row[0] for row in rows] == ["a", "b", "c"]
    f1 = entry["per_class"][1]["f1"]
    assert rows[1][4] == f"{f1['mean']:.4f} ± {f1['std']:.4f}"
    found = {(line["class"], line["measure"]): line["mean"] for line in lines_of(report)}
    assert float(found["b", "f1"]) == f1["mean"]
