"""The index of runs: it saves time, and whatever happens to it changes nothing else."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from seedbed.study.store import index as module
from seedbed.study.store.index import INDEX, StudyIndex

RUN = "lenet5-seed0"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study of two runs, both known to have ended."""
    monkeypatch.setattr(module, "COARSE", -1.0)
    for name in (RUN, "lenet5-seed1"):
        run = tmp_path / "study" / "runs" / name
        run.mkdir(parents=True)
        (run / "run.json").write_text("{}")
        (run / "weights.safetensors").write_bytes(b"12345")
    index = StudyIndex(tmp_path / "study")
    for name in index.names:
        index.note(name)
        index.digest(name, str.upper)
    index.write()
    return tmp_path / "study"


def never(run_id: str) -> str:
    raise AssertionError(f"{run_id} is known")


def test_what_is_known_is_kept(folder: Path) -> None:
    index = StudyIndex(folder)
    assert index.names == [RUN, "lenet5-seed1"]
    assert all(index.has_ended(name) for name in index.names)
    assert index.digest(RUN, never) == RUN.upper()
    assert not index.has_ended("lenet5-seed2")
    before = (folder / INDEX).stat().st_mtime_ns
    index.write()
    assert (folder / INDEX).stat().st_mtime_ns == before


def same_size_and_times(folder: Path) -> None:
    file = folder / "runs" / RUN / "weights.safetensors"
    times = file.stat()
    file.write_bytes(b"54321")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


CHANGES: dict[str, Callable[[Path], object]] = {
    "other contents": same_size_and_times,
    "a file more": lambda folder: (folder / "runs" / RUN / "features.npz").touch(),
    "a file less": lambda folder: (folder / "runs" / RUN / "weights.safetensors").unlink(),
    "a link to nothing": lambda folder: (folder / "runs" / RUN / "link").symlink_to("nowhere"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_is_known_of_a_run_whose_files_have_changed(folder: Path, change: str) -> None:
    CHANGES[change](folder)
    index = StudyIndex(folder)
    assert [index.has_ended(name) for name in index.names] == [False, True]
    assert index.digest(RUN, str.title) == RUN.title()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "lost": Path.unlink,
    "empty": lambda file: file.write_bytes(b""),
    "a digit": lambda file: file.write_bytes(file.read_bytes().replace(b"true", b"false", 1)),
    "cut off": lambda file: file.write_bytes(file.read_bytes()[:-9]),
    "of another version": lambda file: file.write_text('{"checksum": "", "format": 0, "runs": {}}'),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_index_is_made_again(folder: Path, damage: str) -> None:
    DAMAGES[damage](folder / INDEX)
    index = StudyIndex(folder)
    assert not any(index.has_ended(name) for name in index.names)
    index.note(RUN)
    index.write()
    assert StudyIndex(folder).has_ended(RUN)


def test_a_copy_is_read_again(folder: Path, tmp_path: Path) -> None:
    copy = StudyIndex(Path(shutil.copytree(folder, tmp_path / "copy")))
    assert len(copy) == 2
    assert not any(copy.has_ended(name) for name in copy.names)


def test_what_may_change_within_the_same_tick_is_not_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COARSE", 3600.0)
    (folder / INDEX).unlink()
    index = StudyIndex(folder)
    index.note(RUN)
    index.write()
    assert index.has_ended(RUN)
    assert not (folder / INDEX).exists()


def test_runs_that_were_set_aside_or_not_started_do_not_count(folder: Path) -> None:
    runs = folder / "runs"
    (runs / RUN).rename(runs / f"{RUN}.damaged-1")
    (runs / "empty").mkdir()
    assert StudyIndex(folder).names == ["lenet5-seed1"]
