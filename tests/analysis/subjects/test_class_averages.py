"""Balanced accuracy, macro F1 and macro AUC, against scikit-learn."""

import warnings

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score, roc_auc_score

from drawn import numbers, rows, specification
from made_entries import made_entries, made_entry
from made_predictions import CASES, made, made_runs
from seedbed.analysis.material import Material
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.subjects.class_averages import (
    ANALYSIS,
    ClassAverages,
    chart,
    compute,
    sentences,
    table,
)
from sentences import Sentence
from tables import lines_of


def expected(run: Predictions) -> tuple[float, float]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "y_pred contains classes not in y_true")
        warnings.filterwarnings("ignore", "A single label was found")
        balanced = balanced_accuracy_score(run.labels, run.predicted)
    return balanced, f1_score(run.labels, run.predicted, average="macro")


@pytest.mark.parametrize("case", CASES)
def test_one_run(case: str) -> None:
    run = CASES[case]()
    result = compute(Material([run], ["run"]))
    assert result is not None
    means = (result.balanced_accuracy.mean, result.macro_f1.mean)
    assert means == pytest.approx(expected(run), abs=1e-12)
    assert result.balanced_accuracy.std is None


def test_auc_is_there_where_classes_are_unbalanced_or_two() -> None:
    balanced = compute(Material(made_runs(2), list("ab")))
    assert balanced is not None
    assert balanced.macro_auc is None
    for sizes in ((30, 40), (60, 20, 20)):
        labels = np.repeat(np.arange(len(sizes)), sizes)
        runs = [made(classes=len(sizes), labels=labels, seed=seed) for seed in range(3)]
        result = compute(Material(runs, list("abc")))
        assert result is not None
        assert result.macro_auc is not None
        values = [
            np.mean(
                [roc_auc_score(labels == k, run.probabilities[:, k]) for k in range(len(sizes))]
            )
            for run in runs
        ]
        assert result.macro_auc.runs == pytest.approx(values, abs=1e-12)
        new = result.macro_auc.interval_new_images
        assert new is not None
        assert new.low < np.mean(values) < new.high


def test_over_runs() -> None:
    runs = made_runs(4)
    result = compute(Material(runs, list("abcd")))
    assert result is not None
    balanced, f1 = np.transpose([expected(run) for run in runs])
    for aggregate, values in ((result.balanced_accuracy, balanced), (result.macro_f1, f1)):
        assert aggregate.mean == pytest.approx(np.mean(values), abs=1e-12)
        assert aggregate.std == pytest.approx(np.std(values, ddof=1), abs=1e-12)
        assert aggregate.n == 4


def test_the_table_has_a_row_for_each_configuration() -> None:
    entry, empty = made_entry("a"), made_entry("empty", runs=0)
    result = entry.view(ClassAverages)
    assert result is not None
    report = table([entry, empty])
    (rows_shown,) = report.tables[0].groups
    assert rows_shown[0][5].startswith(f"{result.macro_f1.mean:.4f} ± ")
    interval = result.macro_f1.interval_new_images
    assert interval is not None
    assert rows_shown[0][7] == f"{interval.low:.4f} to {interval.high:.4f}"
    assert rows_shown[1] == ("empty", "0", *["–"] * 6)
    (line,) = lines_of(report)
    assert float(line["balanced_accuracy"]) == result.balanced_accuracy.mean
    assert float(line["macro_f1_low_new_images"]) == interval.low


def test_only_unbalanced_classes_make_a_sentence(sentence: Sentence) -> None:
    entry = made_entry("a")
    classes = entry["per_class"]
    sizes = [scores["support"] for scores in classes]
    assert max(sizes) < 2 * min(sizes)
    assert list(sentences([entry])) == []
    rare = [{**classes[0], "support": 300}, *classes[1:]]
    unbalanced = entry.replace(per_class=rare)
    (several,) = sentences([unbalanced, made_entry("b")])
    assert "were not tested" in several
    (equal,) = sentences([unbalanced, unbalanced.replace(label="b")])
    assert " from " not in equal
    (text,) = sentences([unbalanced])
    sentence(text)


def test_one_configuration_of_balanced_classes_has_nothing_to_compare() -> None:
    (part,) = ANALYSIS.parts or ()
    entry = made_entry("a")
    assert part.applies is not None
    assert part.applies(made_entries("a", "b"))
    assert not part.applies([entry])
    rare = [{**entry["per_class"][0], "support": 300}, *entry["per_class"][1:]]
    assert part.applies([entry.replace(per_class=rare)])


def test_the_chart_draws_both_measures_of_each_configuration() -> None:
    entries = made_entries("a", "b")
    drawn = rows(chart(entries), "mean")
    assert [(row["configuration"], row["measure"]) for row in drawn] == [
        (label, measure) for label in "ab" for measure in ("balanced accuracy", "macro F1")
    ]
    result = entries[0].view(ClassAverages)
    assert result is not None
    assert numbers(drawn[:2], "mean") == pytest.approx(
        [result.balanced_accuracy.mean, result.macro_f1.mean]
    )
    assert "shown" in {each["name"] for each in specification(chart(entries))["params"]}
    assert chart([made_entry(runs=0)]) is None
