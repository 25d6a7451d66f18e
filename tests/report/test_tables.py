"""The tables: the same numbers in five forms, checked against NumPy and against their readers."""

import csv
import json
import re
from dataclasses import replace
from io import StringIO
from typing import Any

import numpy as np
import pytest

from seedbed.report.tables import FORMATS, Accuracies, percent
from seedbed.study.results import ConfigurationResults, StudyResults, read_results
from seedbed.study.run_store import StoredRun
from small import run_small, small_study

TRAIN, TEST = (0.9991, 0.9985, 0.99932), (0.9918, 0.99, 0.9931)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> ConfigurationResults:
    folder = tmp_path_factory.mktemp("study")
    store = run_small(small_study(folder / "data", epochs=2), folder / "study")
    return read_results(store).configurations[0]


def results(
    template: ConfigurationResults,
    *,
    title: str = "mnist",
    altered: str | None = None,
    runs: int = 3,
    **changes: Any,
) -> StudyResults:
    """Return a study with the accuracies above."""
    finished = []
    for run, train, test in zip(template.finished, TRAIN, TEST, strict=True):
        dataset = run.record.dataset.model_copy(update={"title": title, "altered": altered})
        last = replace(run.history[-1], train_accuracy=train, test_accuracy=test)
        record = run.record.model_copy(update={"dataset": dataset})
        finished.append(StoredRun(record, (*run.history[:-1], last)))
    configuration = ConfigurationResults(template.configuration, finished[:runs])
    study = StudyResults("mine", [configuration], 0, [])
    diverged = changes.pop("diverged", None)
    if diverged is not None:
        record = finished[2].record.model_copy(
            update={"status": "diverged", "diverged_epoch": diverged}
        )
        configuration.diverged.append(StoredRun(record, ()))
    configuration.unfinished_seeds += changes.pop("unfinished", [])
    return replace(study, **changes)


def test_statistics_are_those_of_numpy() -> None:
    accuracies = Accuracies(TEST)
    assert accuracies.mean == pytest.approx(np.mean(TEST), abs=1e-15)
    assert accuracies.std == pytest.approx(np.std(TEST, ddof=1), abs=1e-15)
    assert accuracies.best == 0.9931


def test_one_run_has_no_spread_and_none_has_nothing() -> None:
    assert Accuracies((0.5,)).to_dict() == {"mean": 0.5, "std": None, "best": 0.5, "runs": [0.5]}
    assert Accuracies(()).to_dict() == {"mean": None, "std": None, "best": None, "runs": []}


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [(0.99124, "99.12 %"), (1.0, "100.00 %"), (0.0005, "0.05 %"), (0.0, "0.00 %"), (None, "–")],
)
def test_accuracies_are_shown_in_percent(fraction: float | None, shown: str) -> None:
    assert percent(fraction) == shown


def test_text(template: ConfigurationResults) -> None:
    text = FORMATS["text"](results(template))
    assert text == (
        "lenet5 on mnist, accuracy after the last epoch (2)\n"
        "\n"
        "run                 training accuracy  test accuracy\n"
        "────────────────────────────────────────────────────\n"
        "seed 0                        99.91 %        99.18 %\n"
        "seed 1                        99.85 %        99.00 %\n"
        "seed 2                        99.93 %        99.31 %\n"
        "────────────────────────────────────────────────────\n"
        "best                          99.93 %        99.31 %\n"
        "mean (n = 3)                  99.90 %        99.16 %\n"
        "standard deviation             0.04 %         0.16 %\n"
    )


def test_json_is_what_other_programs_expect(template: ConfigurationResults) -> None:
    (found,) = json.loads(FORMATS["json"](results(template)))
    assert found["n"] == 3
    assert found["seeds"] == [0, 1, 2]
    assert found["epoch_rule"] == "last"
    assert found["diverged"] == []
    assert found["configuration"]["recipe"]["epochs"] == 2
    assert found["configuration"]["network"]["name"] == "lenet5"
    assert set(found["configuration"]["dataset"]) == {"title", "fingerprint"}
    for key, runs in (("train_accuracy", TRAIN), ("test_accuracy", TEST)):
        assert found[key] == {
            "mean": pytest.approx(np.mean(runs), abs=1e-15),
            "std": pytest.approx(np.std(runs, ddof=1), abs=1e-15),
            "best": max(runs),
            "runs": list(runs),
        }


def test_csv_reads_back(template: ConfigurationResults) -> None:
    text = FORMATS["csv"](results(template, title='my "photos", 2024'))
    rows = list(csv.DictReader(StringIO(text)))
    assert [(row["row"], row["seed"], row["n"]) for row in rows] == [
        ("run", "0", "1"),
        ("run", "1", "1"),
        ("run", "2", "1"),
        ("best", "", "3"),
        ("mean", "", "3"),
        ("std", "", "3"),
    ]
    assert {row["dataset"] for row in rows} == {'my "photos", 2024'}
    assert [float(row["test_accuracy"]) for row in rows[:3]] == list(TEST)
    assert float(rows[5]["test_accuracy"]) == pytest.approx(np.std(TEST, ddof=1), abs=1e-15)


def test_markdown_is_a_table(template: ConfigurationResults) -> None:
    text = FORMATS["markdown"](results(template))
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert table[:3] == [
        "| run | training accuracy | test accuracy |",
        "|:--|--:|--:|",
        "| seed 0 | 99.91 % | 99.18 % |",
    ]
    assert table[-2:] == [
        "| mean (n = 3) | 99.90 % | 99.16 % |",
        "| standard deviation | 0.04 % | 0.16 % |",
    ]


def test_latex_is_a_booktabs_table(template: ConfigurationResults) -> None:
    text = FORMATS["latex"](results(template, title="50%_photos"))
    assert r"\caption{lenet5 on 50\%\_photos, accuracy after the last epoch (2)}" in text
    assert r"seed 0 & 99.91 \% & 99.18 \% \\" in text
    for name in ("toprule", "midrule", "bottomrule"):
        assert f"\\{name}" in text
    assert text.count(r"\begin") == text.count(r"\end") == 2
    assert not re.search(r"(?<!\\)[%_#&$](?![^\n]*\\\\)", text.replace("& 99", ""))


@pytest.mark.parametrize("name", FORMATS)
def test_an_altered_dataset_is_named_in_every_table(
    template: ConfigurationResults, name: str
) -> None:
    altered = results(template, title="cifar10 (altered: JPEG copy)", altered="JPEG copy")
    assert "altered: JPEG copy" in FORMATS[name](altered)


@pytest.mark.parametrize("name", ["text", "markdown", "latex"])
def test_notes_name_what_does_not_count(template: ConfigurationResults, name: str) -> None:
    study = results(
        template,
        runs=2,
        diverged=7,
        unfinished=[8, 9],
        other_runs=2,
        damaged=["lenet5-seed9 is damaged: run.json is missing"],
    )
    text = FORMATS[name](study)
    assert "mean (n = 2)" in text
    assert "Seed 2 diverged in epoch 7 and counts in none of these." in text
    assert "Not finished: seeds 8, 9." in text
    assert "2 other runs are kept in this folder" in text
    assert "run.json is missing" in text


def test_json_names_what_does_not_count(template: ConfigurationResults) -> None:
    study = results(template, runs=2, diverged=7, unfinished=[8, 9])
    (found,) = json.loads(FORMATS["json"](study))
    assert found["n"] == 2
    assert found["diverged"] == [{"seed": 2, "epoch": 7}]
    assert found["unfinished"] == [8, 9]


@pytest.mark.parametrize("name", FORMATS)
def test_a_study_in_which_every_run_diverged(template: ConfigurationResults, name: str) -> None:
    text = FORMATS[name](results(template, runs=0, diverged=1))
    assert "nan" not in text.lower()
    if name == "json":
        (found,) = json.loads(text)
        assert found["n"] == 0
        assert found["test_accuracy"] == {"mean": None, "std": None, "best": None, "runs": []}
        assert found["dataset"] == "mnist"


def test_a_name_cannot_drive_the_terminal(template: ConfigurationResults) -> None:
    text = FORMATS["text"](results(template, title="evil\x1b[2J"))
    assert "\x1b" not in text
    assert "evil\\x1b[2J" in text
