"""``seedbed table``."""

import csv
import json
import shutil
import subprocess
import sys
from io import BytesIO, StringIO
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from commands import Refused
from made_entries import made_entries
from seedbed.analysis.registry import tables
from seedbed.analysis.summary_file import fingerprint, write_summary
from seedbed.cli.main import main
from seedbed.core.errors import MissingExtra, StoreError, StudyError
from seedbed.report.frames import MOST_SHOWN
from seedbed.report.renderers.formats import FORMATS
from small import run_small, small_study

OF_OTHERS = {
    *("claims", "noise-response", "fall-differences", "effects", "comparisons-over-blocks")
}
"""Tables with rows of claims, of methods with noise, of values of settings, and of blocks."""
HEAVY = {"numpy", "pydantic", "scipy", "sklearn", "torch", "pyarrow", "rich"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    spec = small_study(folder / "data", epochs=2, settings=["recipe.learning_rate=[0.05, 0.01]"])
    return run_small(spec, folder / "study").folder


def table(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["table", *words]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    return output.out


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("what", tables())
def test_every_table_in_every_format(
    folder: Path, what: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = table(capsys, str(folder), what, "--format", name)
    assert text.endswith("\n")
    if name == "text":
        assert "learning_rate=0.05" in text or what in OF_OTHERS


def test_json_is_a_list_of_configurations(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(table(capsys, str(folder), "--format", "json"))
    assert [each["n"] for each in found] == [3, 3]
    assert len(found[0]["test_accuracy"]["runs"]) == 3


def test_the_summary_is_made_where_it_is_missing_or_old(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    before = table(capsys, str(copy))
    assert (copy / "summary.json").is_file()
    run = next((copy / "runs").iterdir())
    shutil.rmtree(run)
    after = table(capsys, str(copy))
    assert after != before
    assert "Not finished: seed" in after


def test_only_some_configurations(
    folder: Path, capsys: pytest.CaptureFixture[str], refused: Refused
) -> None:
    text = table(capsys, str(folder), "--only", "learning_rate=0.01")
    assert "learning_rate=0.01 (lenet5) on" in text
    assert "mean (n = 3)" in text
    error = refused("table", folder, "--exclude", "learning_rate=7")
    assert error.where == "--exclude learning_rate=7"


def test_a_baseline(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(folder), "comparisons", "--baseline", "learning_rate=0.05"]
    (row,) = csv.DictReader(StringIO(table(capsys, *words, "--format", "csv")))
    assert (row["a"], row["b"]) == ("learning_rate=0.01", "learning_rate=0.05")


def test_checkpoints(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(folder), "checkpoints", "--format", "csv"]
    rules = {row["checkpoint"] for row in csv.DictReader(StringIO(table(capsys, *words)))}
    assert rules == {"last", "best-on-test"}


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["--baseline", "x"], "comparisons"),
        (["--margin", "0.2"], "comparisons"),
        (["comparisons", "--margin", "-1"], "above 0"),
        (["comparisons", "--baseline", "x"], "'x'"),
        (["comparisons", "--only", "learning_rate=0.01"], ""),
    ],
)
def test_bad_options_are_one_line(
    folder: Path, words: list[str], name: str, refused: Refused
) -> None:
    assert name in str(refused("table", folder, *words))


def test_a_folder_without_a_study_is_one_line(tmp_path: Path, refused: Refused) -> None:
    error = refused("table", tmp_path)
    assert isinstance(error, StoreError)
    assert error.where == str(tmp_path)


def test_a_study_of_a_newer_version_is_one_line(
    folder: Path, tmp_path: Path, refused: Refused
) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    text = (copy / "study.toml").read_text()
    (copy / "study.toml").write_text(text.replace("format = ", "format = 9"), encoding="utf-8")
    error = refused("table", copy)
    assert isinstance(error, StoreError)
    assert error.where == str(copy / "study.toml")


def seconds_and_modules(folder: Path, *words: str) -> tuple[float, set[str]]:
    """Return the processor time of a table in a process of its own, and what it imported."""
    script = (
        "import sys, time; from seedbed.cli.main import main; main(['table', *sys.argv[1:]])\n"
        "print(time.process_time(), *{name.split('.')[0] for name in sys.modules})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder), *words],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, *modules = done.stdout.splitlines()[-1].split()
    return float(seconds), set(modules)


@pytest.mark.parametrize("what", tables())
def test_a_table_of_a_summary_needs_nothing_heavy(folder: Path, what: str) -> None:
    main(["table", str(folder)])
    _, modules = seconds_and_modules(folder, what)
    assert "seedbed" in modules
    assert not modules & HEAVY


def test_choosing_from_a_summary_needs_nothing_heavy(folder: Path) -> None:
    main(["table", str(folder)])
    _, modules = seconds_and_modules(folder, "--only", "learning_rate=0.01")
    assert not modules & HEAVY


def test_external_predictions_have_no_settings_to_select_by(
    tmp_path: Path, refused: Refused
) -> None:
    write_summary(tmp_path, made_entries("a", "b", settings=None))
    error = refused("table", tmp_path, "--only", "epochs=2")
    assert isinstance(error, StudyError)
    assert error.where == "--only epochs=2"


def test_a_table_of_forty_configurations_with_five_runs_each_takes_under_a_second(
    tmp_path: Path,
) -> None:
    (tmp_path / "study.toml").write_text("", encoding="utf-8")
    entries = made_entries(*map(str, range(40)))
    for each in entries:
        # About as large as one of MNIST.
        each["roc_curves"] = [0.12345] * 20_000
        for seed in range(5):
            run = tmp_path / "runs" / f"{each['id']}-seed{seed}"
            run.mkdir(parents=True)
            (run / "run.json").write_text('{"files": {}}' + " " * 5000, encoding="utf-8")
    for each in entries:
        each["source_hash"] = fingerprint(tmp_path)
    write_summary(tmp_path, entries)
    assert (tmp_path / "summary.json").stat().st_size > 6_000_000
    # The processor's time: other processes may be at work too.
    seconds, _ = seconds_and_modules(tmp_path)
    assert seconds < 1


def test_frames_beside_the_tables(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = {"runs": 6, "epochs": 12, "predictions": 180, "images": 60}
    for name, expected in rows.items():
        lines = list(csv.DictReader(StringIO(table(capsys, str(folder), name, "--format", "csv"))))
        objects = json.loads(table(capsys, str(folder), name, "--format", "json"))
        assert len(lines) == len(objects) == expected
        assert tuple(lines[0]) == tuple(objects[0])
        text = table(capsys, str(folder), name)
        assert ("more rows" in text) == (expected > MOST_SHOWN)
    words = [str(folder), "runs", "--only", "learning_rate=0.01", "--format", "csv"]
    some = csv.DictReader(StringIO(table(capsys, *words)))
    assert [row["configuration"] for row in some] == ["learning_rate=0.01"] * 3


@pytest.mark.parametrize("what", ["runs", "predictions", "accuracy"])
def test_parquet_has_the_lines_of_csv(
    folder: Path, what: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["table", str(folder), what, "--format", "parquet"]) == 0
    found = pq.read_table(BytesIO(capsysbinary.readouterr().out))
    assert main(["table", str(folder), what, "--format", "csv"]) == 0
    lines = list(csv.reader(StringIO(capsysbinary.readouterr().out.decode())))
    assert found.column_names == lines[0]
    assert found.num_rows == len(lines) - 1
    kinds = {field.name: str(field.type) for field in found.schema}
    assert kinds["n" if what == "accuracy" else "seed"] == "int64"


def test_what_frames_and_parquet_refuse(
    folder: Path, refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refused("table", folder, "runs", "--baseline", "x").where == "--baseline"
    assert isinstance(refused("table", folder, "runz"), StudyError)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert refused("table", folder, "--format", "parquet").where == "--format parquet"
    monkeypatch.setattr("seedbed.cli.commands.table.find_spec", lambda name: None)
    error = refused("table", folder, "runs", "--format", "parquet")
    assert isinstance(error, MissingExtra)
    assert error.extra == "parquet"
