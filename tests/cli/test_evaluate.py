"""``seedbed evaluate``."""

import csv
import json
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from commands import Refused
from made_predictions import made
from seedbed.analysis.intervals import wilson_interval
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.summary_file import SHARED
from seedbed.cli.main import main
from seedbed.core.errors import DataError, StoreError
from seedbed.report.renderers.formats import FORMATS
from sentences import Sentence


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two configurations of two runs each, which is the current one."""
    monkeypatch.chdir(tmp_path)
    for name, skill in (("cnn", 3.0), ("vit", 1.5)):
        (tmp_path / name).mkdir()
        for seed in range(2):
            run = made(skill=skill, seed=seed)
            np.savez(tmp_path / name / f"{seed}.npz", logits=run.scores, labels=run.labels)
    return tmp_path


def test_a_first_look(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "cnn/0.npz", "cnn/1.npz"]) == 0
    text = capsys.readouterr().out
    assert "400" in text
    assert "cnn/1.npz" in text
    assert "mean (n = 2)" in text
    assert "macro" in text
    assert main(["evaluate", "cnn", "vit"]) == 0
    out = capsys.readouterr().out
    assert main(["evaluate", "cnn", "vit", "--table", "comparisons"]) == 0
    block, _, table = capsys.readouterr().out.partition("\n\n")
    assert out.startswith(block)
    assert table.strip() in out


def test_one_seed_under_two_names_draws_a_warning(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(folder / "cnn" / "0.npz", folder / "cnn" / "2.npz")
    assert main(["evaluate", "cnn", "vit"]) == 0
    output = capsys.readouterr()
    (warning,) = output.err.splitlines()
    assert warning.startswith("seedbed: cnn: 2 ")
    assert warning.removeprefix("seedbed: ") in output.out


def test_one_file_has_a_wilson_interval_for_new_images_only(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "cnn/0.npz", "--format", "json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    accuracy, images = entry["test_accuracy"], entry["test_images"]
    wilson = wilson_interval(round(accuracy["mean"] * images), images)
    assert accuracy["interval"] is None
    assert accuracy["interval_new_images"] == [wilson.low, wilson.high]


@pytest.mark.parametrize("name", FORMATS)
def test_every_format(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["--table", "confusion"], ["--table", "noise"], ["--table", "cost"]):
        assert main(["evaluate", "cnn", "vit", "--format", name, *words]) == 0
        assert capsys.readouterr().out.endswith("\n")


def test_csv_holds_one_table_and_says_which(
    folder: Path, capsys: pytest.CaptureFixture[str], sentence: Sentence
) -> None:
    assert main(["evaluate", "cnn", "vit", "--format", "csv"]) == 0
    output = capsys.readouterr()
    sentence(output.err)
    assert main(["evaluate", "cnn", "vit", "--format", "csv", "--table", "accuracy"]) == 0
    asked_for = capsys.readouterr()
    assert asked_for.out == output.out
    assert asked_for.err in output.err  # what was read is said in any case


def test_a_baseline_counts_in_every_format(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", "cnn", "vit", "--baseline", "cnn", "--format"]
    assert main([*words, "json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert [len(entry["comparisons"]) for entry in entries] == [0, 1]
    assert main([*words, "text"]) == 0
    assert "\nvit " in capsys.readouterr().out
    assert main([*words, "csv"]) == 2
    *_, error = capsys.readouterr().err.splitlines()  # the first line names the table
    assert error.startswith("seedbed: error: baseline: ")


def test_json_is_the_whole_summary(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "cnn", "--format", "json", "--out", "found"]) == 0
    entries = json.loads(capsys.readouterr().out)
    stored = json.loads((folder / "found" / "summary.json").read_text())
    shared = {name: stored[name] for name in SHARED}
    assert entries == [shared | entry for entry in stored["entries"]]
    assert entries[0]["confusion"]


def test_the_summary_serves_seedbed_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "cnn", "vit", "--out", "found"]) == 0
    assert "The summary and a report are in found/" in capsys.readouterr().out
    assert main(["table", "found", "comparisons", "--format", "csv"]) == 0
    (row,) = csv.DictReader(StringIO(capsys.readouterr().out))
    assert (row["a"], row["b"], row["n"]) == ("cnn", "vit", "2")
    assert main(["table", "found", "checkpoints", "--format", "csv"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1  # nothing is known but the header


def test_a_study_keeps_its_own_summary(folder: Path, refused: Refused, sentence: Sentence) -> None:
    (folder / "study.toml").write_text("")
    error = refused("evaluate", "cnn", "--out", ".")
    assert isinstance(error, StoreError)
    assert error.where == "."
    sentence(error)


@pytest.mark.parametrize(
    ("words", "where", "names"),
    [
        (["nothing.npz"], "nothing.npz", []),
        (["cnn/0.npz", "--classes", "a,b"], "cnn/0.npz", ["5", "2"]),
        (["cnn/0.npz", "--label", "truth"], "cnn/0.npz", ["'truth'"]),
        (["cnn/0.npz", "--image", "name"], "cnn/0.npz", ["'name'"]),
        (["cnn/0.npz", "--kind", "probabilities"], "cnn/0.npz", ["0", "1"]),
        (["cnn/0.npz", "--table", "comparisons"], "", []),
        (["cnn", "vit", "--baseline", "rnn"], "", ["'rnn'"]),
        (["cnn/0.npz", "--out", "cnn/0.npz"], "cnn/0.npz", []),
    ],
)
def test_bad_input_is_one_line(
    folder: Path, words: list[str], where: str, names: list[str], refused: Refused
) -> None:
    error = refused("evaluate", *words)
    assert where in error.where
    assert all(name in error.what for name in names)


def test_rows_in_another_order_are_refused_and_can_be_insisted_on(
    folder: Path, refused: Refused
) -> None:
    run = made(skill=8)
    labels = np.random.Generator(np.random.Philox(5)).permutation(run.labels)
    np.savez(folder / "mixed.npz", logits=run.scores, labels=labels)
    error = refused("evaluate", "mixed.npz")
    assert isinstance(error, DataError)
    assert error.where == "mixed.npz"
    assert "order" in error.hint
    assert main(["evaluate", "mixed.npz", "--no-self-check"]) == 0


def write_csv(path: Path, run: Predictions, order: Any = None, scale: float = 1) -> None:
    rows = range(len(run)) if order is None else order
    lines = ["key;label;" + ";".join(run.class_names)]
    for row in rows:
        cells = ";".join(f"{scale * score:.4f}" for score in run.probabilities[row])
        lines.append(f"{row};{run.class_names[run.labels[row]]};{cells}".replace(".", ","))
    path.write_text("\n".join(lines), encoding="utf-16")


def test_what_was_read_comes_before_the_tables(
    folder: Path, capsys: pytest.CaptureFixture[str], sentence: Sentence
) -> None:
    """In text on standard output; for programs beside it, on standard error."""
    for seed in range(2):
        write_csv(folder / f"run_{seed}.csv", made(seed=seed), scale=100)
    files = ["run_0.csv", "run_1.csv"]
    assert main(["evaluate", *files, "--table", "accuracy", "--out", "found"]) == 0
    block, _, table = capsys.readouterr().out.partition("\n\n")
    sentence(block)
    assert "test accuracy" in table
    for form in ("csv", "json", "latex"):
        assert main(["evaluate", *files, "--table", "accuracy", "--format", form]) == 0
        output = capsys.readouterr()
        assert output.err == f"{block}\n"
        assert block not in output.out
    page = (folder / "found" / "report.html").read_text(encoding="utf-8")
    assert "with decimal commas" in page
    assert str(folder) not in page


def test_image_names_align_runs(
    folder: Path, refused: Refused, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [made(seed=seed) for seed in range(2)]
    write_csv(folder / "run_0.csv", runs[0])
    write_csv(folder / "run_1.csv", runs[1], range(399, -1, -1))
    assert "--image" in refused("evaluate", "run_0.csv", "run_1.csv").hint
    words = ["evaluate", "run_0.csv", "run_1.csv", "--image", "key", "--format", "json"]
    assert main(words) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["test_accuracy"]["runs"] == [run.accuracy for run in runs]
    wrong = np.flatnonzero(np.any([run.wrong for run in runs], axis=0))
    assert entry["image_errors"]["name"] == list(map(str, wrong))


def test_numbers_of_classes_in_another_order(
    folder: Path, refused: Refused, capsys: pytest.CaptureFixture[str]
) -> None:
    run = made(classes=3)
    lines = ["label,2,0,1"]
    for label, row in zip(run.labels, run.scores.tolist(), strict=True):
        lines.append(f"{label},{','.join(map(str, row))}")
    (folder / "run.csv").write_text("\n".join(lines), encoding="utf-8")
    assert "--labels-are" in refused("evaluate", "run.csv", "--no-self-check").hint
    words = ["evaluate", "run.csv", "--format", "json", "--labels-are"]
    assert main([*words, "positions"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)
    assert entry["test_accuracy"]["runs"] == [run.accuracy]
