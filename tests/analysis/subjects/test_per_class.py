"""Precision, recall and F1 against scikit-learn."""

import math

import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from made_entries import made_entry
from made_predictions import CASES, made, made_runs
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.intervals import interval_for_new_images, interval_over_seeds
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


def test_the_recall_of_a_class_has_the_intervals_of_the_accuracy_on_its_images() -> None:
    runs = made_runs(4)
    labels = runs[0].labels
    for k, scores in enumerate(class_scores(runs)):
        of_class = np.array([run.predicted[labels == k] == k for run in runs])
        assert scores.recall_interval_new_images == interval_for_new_images(of_class)
        accuracies = Accuracies.of(of_class.mean(axis=1).tolist())
        assert scores.recall_interval == interval_over_seeds(accuracies, scores.support)


def test_a_class_of_one_image_and_one_without_images() -> None:
    labels = np.array([0, 0, 0, 0, 1])
    first, second, third = class_scores(
        [made(classes=3, seed=seed, labels=labels) for seed in (1, 2)]
    )
    assert first.recall_interval_new_images is not None
    interval = second.recall_interval_new_images
    assert interval is not None
    assert interval.high - interval.low > 0.7  # a single image says nearly nothing
    assert third.recall_interval is third.recall_interval_new_images is None


def test_the_table_has_a_row_for_each_class() -> None:
    entry = made_entry()
    report = per_class_table([entry])
    rows = report.tables[0].groups[0]
    assert [row[0] for row in rows] == ["a", "b", "c"]
    f1 = entry["per_class"][1]["f1"]
    assert rows[1][6] == f"{f1['mean']:.4f} ± {f1['std']:.4f}"
    low, high = entry["per_class"][1]["recall_interval_new_images"]
    assert rows[1][5] == f"{low:.4f} to {high:.4f}"
    auc = entry["auc"]["per_class"]
    assert rows[1][7] == f"{auc['mean'][1]:.4f} ± {auc['std'][1]:.4f}"
    of_class = {line["class"]: line for line in lines_of(report)}
    assert float(of_class["b"]["f1"]) == f1["mean"]
    assert float(of_class["b"]["recall_low_new_images"]) == low
    assert float(of_class["b"]["auc"]) == auc["mean"][1]


def test_predicted_classes_alone_have_no_auc() -> None:
    report = per_class_table([made_entry(auc=None)])
    assert report.tables[0].header[-1] == "F1"
    assert {line["auc"] for line in lines_of(report)} == {""}
