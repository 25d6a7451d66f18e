"""A study's folder: the lock, study.toml, and folders that cannot be written."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from seedbed.core.errors import StoreError, StudyInUse
from seedbed.study.spec.reader import parse_study
from seedbed.study.spec.study import FORMAT
from seedbed.study.store.index import StudyIndex
from seedbed.study.store.study import MAX_CHANGES, StudyStore
from sentences import Sentence
from small import bound, small_study

HOLD = """
import sys, time
from pathlib import Path
from seedbed.study.store.study import StudyStore
store = StudyStore(Path(sys.argv[1]))
with store.lock():
    held = store.lock_run("a-seed0")
    held.sign()
    print("held", flush=True)
    time.sleep(60)
"""


def test_locks_keep_other_processes_out_until_their_process_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedbed.study.store.study.LOCK_TIMEOUT", 0.1)
    store = StudyStore(tmp_path / "study")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store.folder)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        before = {file: file.read_bytes() for file in store.folder.rglob("*") if file.is_file()}
        with pytest.raises(StudyInUse) as error, store.lock():
            pass
        assert error.value.where == str(store.folder)
        assert store.lock_run("a-seed0") is None
        assert store.owner_of("a-seed0").startswith(f"another process (pid {holder.pid} on ")
        assert {file: file.read_bytes() for file in before} == before
        other = store.lock_run("a-seed1")
        assert other is not None
        other.release()
        holder.kill()
    # A process that is killed holds no lock, whatever files it left.
    with store.lock():
        lock = store.lock_run("a-seed0")
        assert lock is not None
        assert store.owner_of("a-seed0") == "another process"  # not the one that was killed
        lock.sign()
        assert store.owner_of("a-seed0").startswith(f"another process (pid {os.getpid()} on ")
        lock.release()
    assert store.owner_of("a-seed0") == "another process"


def test_a_writer_waits_for_another(tmp_path: Path) -> None:
    store = StudyStore(tmp_path)
    with ThreadPoolExecutor(1) as other:
        with store.lock():

            def enter() -> None:
                with StudyStore(tmp_path).lock():
                    pass

            entered = other.submit(enter)
            time.sleep(0.2)
            assert not entered.done()
        entered.result(timeout=20)


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    names = ("study.toml", "summary.json", "report.html", "thumbnails.zip", "claims.json")
    left = [tmp_path / f"{name}.0a1b2c3d.partial" for name in names]
    for file in left:
        file.write_bytes(b"half")
    with StudyStore(tmp_path).lock():
        assert not any(file.exists() for file in left)


def test_a_change_of_a_variant_names_the_variant(tmp_path: Path) -> None:
    store = StudyStore(tmp_path / "study")
    store.folder.mkdir()
    head = 'name = "x"\ndataset = "mnist"\nnetwork = "lenet5"\nseeds = [1]\n'
    for name in ("a", "b"):
        text = f'{head}[[variants]]\nname = "plain"\n[[variants]]\nname = "{name}"\n'
        text += "recipe = { epochs = 3 }\n"
        changes = store.write_study(bound(parse_study(text, "x"), "d"))
    assert "variant b = {" in changes
    assert "variant a = not set (was {" in changes
    assert "plain" not in changes


def test_study_toml_is_written_once_and_its_changes_are_told(tmp_path: Path) -> None:
    store = StudyStore(tmp_path / "study")
    store.folder.mkdir()
    spec = bound(small_study(tmp_path / "data"), "abc")
    assert store.write_study(spec) == ""
    assert store.read_study() == spec
    modified = store.study_file.stat().st_mtime_ns
    assert store.write_study(spec) == ""
    assert store.study_file.stat().st_mtime_ns == modified
    more = bound(small_study(tmp_path / "data", seeds="5", epochs=9), "abc")
    assert store.write_study(more) == "seeds = 5 (was 3); recipe.epochs = 9 (was 4)"
    assert store.read_study() == more
    other = parse_study('name = "x"\ndataset = "mnist"\nnetwork = "lenet5"\nseeds = [1]', "x")
    changes = store.write_study(bound(other, "d"))
    assert changes.count(";") == MAX_CHANGES
    assert changes.endswith("; and 6 more")


def test_a_study_toml_that_cannot_be_read_is_replaced(tmp_path: Path, sentence: Sentence) -> None:
    store = StudyStore(tmp_path)
    spec = bound(small_study(tmp_path / "data"), "abc")
    changes = set()
    for contents in (b"= = =", b"\xff\xfe"):
        store.study_file.write_bytes(contents)
        changes.add(store.write_study(spec))
        assert store.read_study() == spec
    (text,) = changes
    sentence(text)


def test_a_newer_study_is_neither_read_nor_replaced(tmp_path: Path) -> None:
    store = StudyStore(tmp_path)
    store.study_file.write_text("format = 99\n", encoding="utf-8")
    for access in (lambda: store.write_study(small_study(tmp_path / "data")), store.read_study):
        with pytest.raises(StoreError) as error:
            access()
        assert error.value.where == str(store.study_file)
        assert error.value.expected == f"format {FORMAT}"
    assert store.study_file.read_text(encoding="utf-8") == "format = 99\n"


def test_a_folder_without_a_study_is_one_line(tmp_path: Path, sentence: Sentence) -> None:
    (tmp_path / "file").touch()
    for name in ("nowhere", "file"):
        with pytest.raises(StoreError) as error:
            StudyStore(tmp_path / name).read_study()
        assert error.value.where == str(tmp_path / name)
    sentence(error.value)


def test_a_folder_that_cannot_be_written_is_known_before(
    tmp_path: Path, sentence: Sentence
) -> None:
    file = tmp_path / "file"
    file.touch()
    for folder in (file, file / "below"):
        with pytest.raises(StoreError) as error:
            StudyStore(folder).check_writable()
        assert error.value.where == str(file)
        with pytest.raises(StoreError), StudyStore(folder).lock():
            pass
        with pytest.raises(StoreError):
            StudyStore(folder).lock_run("a-seed0")
    sentence(error.value)
    StudyStore(tmp_path / "not" / "yet").check_writable()
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_folder_without_permission_is_known_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sentence: Sentence
) -> None:
    if os.geteuid() == 0:  # root may write everywhere
        monkeypatch.setattr(os, "access", lambda *_: False)
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError) as error:
        StudyStore(tmp_path / "study").check_writable()
    assert error.value.where == str(tmp_path)
    sentence(error.value)
    tmp_path.chmod(0o700)


def test_run_ids_leave_out_what_was_set_aside(tmp_path: Path) -> None:
    store = StudyStore(tmp_path)
    assert store.run_ids() == []
    for name in ("b-seed1", "a-seed0", "a-seed0.damaged-1", "empty"):
        (store.runs_folder / name).mkdir(parents=True)
        if name != "empty":
            (store.runs_folder / name / "run.json").touch()
    assert store.run_ids() == ["a-seed0", "b-seed1"]


def test_partial_answers_of_killed_processes_are_removed(tmp_path: Path) -> None:
    store = StudyStore(tmp_path)
    folder = store.runs_folder / "a-seed0"
    folder.mkdir(parents=True)
    names = (
        "robustness.json",
        "robustness.json.0a1b.partial",
        "weights.safetensors.2c3d.partial",
        "run.json",
    )
    for name in names:
        (folder / name).touch()
    index = StudyIndex(tmp_path)
    index.remove_partial_answers()
    # The weights may be being written by the process that trains the run.
    assert {file.name for file in folder.iterdir()} == {names[0], *names[2:]}


@pytest.mark.parametrize(
    ("before", "after"), [("format = 3", "format = 99"), ("epochs = ", "epochz = "), ("]", "")]
)
def test_an_edited_study_file_that_cannot_be_read_can_be_written_again(
    tmp_path: Path, before: str, after: str
) -> None:
    store, spec = StudyStore(tmp_path / "study"), bound(small_study(tmp_path / "data"), "0" * 64)
    store.folder.mkdir()
    store.write_study(spec)
    text = store.study_file.read_text(encoding="utf-8")
    assert before in text
    store.study_file.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(StoreError) as error:
        store.read_study()
    assert error.value.where.startswith(str(store.study_file))
    assert "seedbed run" in error.value.hint
    store.write_study(spec)
    assert store.read_study() == spec
