"""The table of accuracies: a row a run, or a row a configuration."""

import json
import re

import numpy as np
import pytest
from scipy.stats import binomtest

from made_entries import TEST, TRAIN, made_entries, made_entry
from seedbed.analysis.subjects.accuracy.table import accuracy_table, checkpoints_table
from seedbed.report.renderers.formats import FORMATS
from tables import lines_of


def test_json_is_what_other_programs_expect() -> None:
    (found,) = json.loads(FORMATS["json"](accuracy_table([made_entry()])))
    assert found["n"] == 3
    assert found["seeds"] == [0, 1, 2]
    assert found["checkpoint"] == "last"
    assert found["diverged"] == []
    assert found["configuration"]["recipe"]["epochs"] == 2
    for key, runs in (("train_accuracy", TRAIN), ("test_accuracy", TEST)):
        low, high = found[key].pop("interval")
        assert low < np.mean(runs) < high
        assert found[key] == {
            "interval_new_images": None,
            "mean": pytest.approx(np.mean(runs), abs=1e-15),
            "std": pytest.approx(np.std(runs, ddof=1), abs=1e-15),
            "best": max(runs),
            "runs": list(runs),
        }


def test_csv_has_statistics_of_configurations_and_no_runs() -> None:
    entries = [
        made_entry("a", diverged=[{"seed": 5, "epoch": 1}]),
        made_entry("b", runs=0, diverged=[{"seed": 0, "epoch": 1}]),
    ]
    rows = lines_of(accuracy_table(entries))
    assert [(row["configuration"], row["n"], row["diverged"]) for row in rows] == [
        ("a", "3", "1"),
        ("b", "0", "1"),
    ]
    for name, runs in (("train_accuracy", TRAIN), ("test_accuracy", TEST)):
        assert float(rows[0][name]) == pytest.approx(np.mean(runs), abs=1e-15)
        assert float(rows[0][f"{name}_std"]) == pytest.approx(np.std(runs, ddof=1), abs=1e-15)
    assert float(rows[0]["test_accuracy_best"]) == max(TEST)
    assert rows[0]["validation_accuracy"] == rows[1]["test_accuracy"] == ""


def test_csv_has_the_interval_that_text_shows() -> None:
    for runs in (3, 1):
        entry = made_entry(runs=runs)
        kind, field = ("", "interval") if runs > 1 else ("_new_images", "interval_new_images")
        (row,) = lines_of(accuracy_table([entry]))
        for measure in ("train_accuracy", "test_accuracy"):
            for number, end in enumerate(("low", "high")):
                assert float(row[f"{measure}_{end}{kind}"]) == entry[measure][field][number]


def test_a_single_run_has_a_wilson_interval() -> None:
    text = FORMATS["text"](accuracy_table([made_entry(runs=1)]))
    wilson = binomtest(992, 1000).proportion_ci(method="wilson")
    shown = f"{100 * wilson.low:.2f} to {100 * wilson.high:.2f}%"
    assert "95% interval, new images" in text
    assert shown in text
    assert text.count("99.18%") == 1  # not again as the mean and the best of one run
    several = FORMATS["text"](accuracy_table(made_entries("a", "b", runs=1)))
    assert shown in several


def test_without_a_finished_run_there_is_nothing_but_notes() -> None:
    entry = made_entry(runs=0, diverged=[{"seed": 0, "epoch": 1}])
    text = FORMATS["text"](accuracy_table([entry]))
    assert "mean (n = 0)" in text
    assert "Seed 0 diverged in epoch 1" in text


def test_several_configurations_have_a_row_each() -> None:
    lines = FORMATS["text"](accuracy_table(made_entries("lr=0.1", "lr=0.01"))).splitlines()
    assert lines[0] == "Accuracy after the last epoch (2): mine (2 configurations) on mnist"
    rows = [re.split(" {2,}", line) for line in lines if line.startswith("lr=")]
    assert [row[0] for row in rows] == ["lr=0.1", "lr=0.01"]
    assert rows[0][1:4] == ["3", "99.90 ± 0.04%", "99.16 ± 0.16%"]


def test_checkpoints_that_differ_have_a_column() -> None:
    entries = [made_entry("a"), made_entry("b", checkpoint="best-on-validation")]
    (table,) = accuracy_table(entries).tables
    assert table.header[1] == "checkpoint"
    assert [row[1] for row in table.groups[0]] == ["last", "best-on-validation"]


def test_the_table_of_checkpoints() -> None:
    entry = made_entry()
    report = checkpoints_table([entry])
    (row,) = report.tables[0].groups[0]
    assert row == ("lenet5", "3", "99.16 ± 0.16%", "99.36 ± 0.16%", "+0.20")
    last, optimistic = lines_of(report)
    assert (last["checkpoint"], optimistic["checkpoint"]) == ("last", "best-on-test")
    assert float(optimistic["test_accuracy_best"]) == max(TEST) + 0.002
    assert optimistic["n"] == "3"
    (data,) = json.loads(FORMATS["json"](report))
    assert data["checkpoints"] == entry["checkpoints"]


def test_the_checkpoints_of_external_predictions_are_unknown() -> None:
    report = checkpoints_table([made_entry(checkpoints=None)])
    assert report.tables[0].groups == ((("lenet5", "3", "–", "–", "–"),),)
    assert report.lines == ()
