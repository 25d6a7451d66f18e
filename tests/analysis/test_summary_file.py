"""``summary.json``: believed only while it is of what lies in the folder."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import fields
from seedbed.analysis.summary_file import (
    FORMAT,
    SHARED,
    fingerprint,
    read_summary,
    write_summary,
)
from seedbed.core.errors import StoreError
from seedbed.core.seal import BLANK, sealed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files of a study of two runs, and its summary."""
    (tmp_path / "study.toml").write_text('name = "made up"\n', encoding="utf-8")
    for seed in range(2):
        run = tmp_path / "runs" / f"lenet5-seed{seed}"
        run.mkdir(parents=True)
        (run / "predictions.npz").write_bytes(b"12345")
        record = {"seed": seed, "files": {"predictions.npz": "a hash"}}
        (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
    write_summary(tmp_path, [entry(fingerprint(tmp_path))])
    return tmp_path


def entry(source_hash: str | None) -> Entry:
    shared = {"format": FORMAT, "source_hash": source_hash, "study": None}
    return Entry(dict.fromkeys(fields()), **shared, n=2)


def a_run(folder: Path) -> Path:
    return folder / "runs" / "lenet5-seed1"


def test_it_is_read_as_it_was_written(folder: Path) -> None:
    assert read_summary(folder) == [entry(fingerprint(folder))]
    stored = json.loads((folder / "summary.json").read_text())
    assert stored["source_hash"] == fingerprint(folder)
    assert stored["entries"] == [entry(None).own_fields(SHARED)]


CHANGES: dict[str, Callable[[Path], object]] = {
    "another study": lambda folder: (folder / "study.toml").write_text('name = "other"\n'),
    "another run": lambda folder: (a_run(folder) / "run.json").write_text('{"seed": 7}'),
    "a run more": lambda folder: shutil.copytree(a_run(folder), folder / "runs" / "more"),
    "a run less": lambda folder: (a_run(folder) / "run.json").unlink(),
    "a run set aside": lambda folder: a_run(folder).rename(a_run(folder).with_name("aside")),
    "predictions missing": lambda folder: (a_run(folder) / "predictions.npz").unlink(),
    "predictions cut off": lambda folder: (a_run(folder) / "predictions.npz").write_bytes(b"123"),
    "a damaged record": lambda folder: (a_run(folder) / "run.json").write_text('{"files": 3'),
    "no summary": lambda folder: (folder / "summary.json").unlink(),
    "a damaged summary": lambda folder: (folder / "summary.json").write_text("[{"),
    "a number out of range": lambda folder: (folder / "summary.json").write_bytes(
        sealed(
            b'{"format": %d, "entries": [{"id": 1e999}], "checksum": "%s"}'
            % (FORMAT, BLANK.encode())
        )
    ),
    "something else": lambda folder: (folder / "summary.json").write_text("{}"),
    "an empty list": lambda folder: (folder / "summary.json").write_text("[]"),
    "an analysis more": lambda folder: write_summary(
        folder, [Entry(format=FORMAT, source_hash=fingerprint(folder))]
    ),
    "an older format": lambda folder: write_summary(
        folder, [entry(fingerprint(folder)).replace(format=FORMAT - 1)]
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_it_is_made_again_after(folder: Path, change: str) -> None:
    CHANGES[change](folder)
    assert read_summary(folder) is None


def test_that_of_a_newer_version_is_refused(folder: Path) -> None:
    write_summary(folder, [entry(fingerprint(folder)).replace(format=FORMAT + 1)])
    with pytest.raises(StoreError) as error:
        read_summary(folder)
    assert error.value.where == str(folder / "summary.json")
    assert error.value.expected == f"{FORMAT} or less"
    assert str(FORMAT + 1) in error.value.what


def test_a_run_that_is_going_on_does_not_change_it(folder: Path) -> None:
    (a_run(folder) / "checkpoint.safetensors").write_bytes(b"more and more")
    assert read_summary(folder) is not None


def test_a_summary_without_a_study_is_believed(tmp_path: Path) -> None:
    write_summary(tmp_path, [entry(None)])
    assert read_summary(tmp_path) == [entry(None)]
    assert read_summary(tmp_path / "nothing") is None


def put_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def put_a_link(file: Path, target: str) -> None:
    file.unlink()
    file.symlink_to(target)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a digit": lambda file: file.write_text(file.read_text().replace('"n": 2', '"n": 3')),
    "a space": lambda file: file.write_text(file.read_text() + " "),
    "cut off": lambda file: file.write_bytes(file.read_bytes()[:-20]),
    "empty": lambda file: file.write_bytes(b""),
    "without a checksum": lambda file: file.write_text(
        json.dumps({"entries": json.loads(file.read_text())["entries"]})
    ),
    "only a list": lambda file: file.write_text(
        json.dumps(json.loads(file.read_text())["entries"])
    ),
    "a folder": put_a_folder,
    "a broken link": lambda file: put_a_link(file, "nowhere"),
    "a link to itself": lambda file: put_a_link(file, file.name),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_one_that_was_changed_is_made_again_and_the_user_is_told(
    folder: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder / "summary.json"
    DAMAGES[damage](file)
    assert read_summary(folder) is None
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert str(file) in lines[0]
    write_summary(folder, [entry(fingerprint(folder))])
    assert read_summary(folder) == [entry(fingerprint(folder))]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("damage", DAMAGES)
def test_one_of_external_predictions_that_was_changed_is_refused(
    tmp_path: Path, damage: str
) -> None:
    write_summary(tmp_path, [entry(None)])
    DAMAGES[damage](tmp_path / "summary.json")
    with pytest.raises(StoreError) as error:
        read_summary(tmp_path)
    assert error.value.where == str(tmp_path / "summary.json")
    assert "seedbed evaluate" in error.value.hint


def test_a_record_that_cannot_be_read_blocks_nothing(folder: Path) -> None:
    record = a_run(folder) / "run.json"
    record.unlink()
    record.mkdir()
    before = fingerprint(folder)
    aside = a_run(folder).rename(folder / "runs" / "lenet5-seed1.damaged-1")
    assert fingerprint(folder) != before
    (aside / "run.json").rmdir()
    aside.rename(a_run(folder))
    record.write_text('{"files": {"\\u0000": "a hash"}}', encoding="utf-8")
    assert fingerprint(folder) != before


def test_reading_needs_neither_numpy_nor_pydantic() -> None:
    script = (
        "import sys, seedbed.analysis.summary_file\n"
        "print(*{'numpy', 'pydantic'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"
