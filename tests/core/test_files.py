"""Files are complete or absent, even when the disk is full."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from seedbed.core.errors import StoreError
from seedbed.core.files import (
    cannot_write,
    leftovers,
    remove_leftovers,
    sha256,
    write_atomically,
    write_folder,
)
from sentences import Sentence


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("a small file system cannot be mounted here; run as root to test a full disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_atomically(file, b"one")
    write_atomically(file, b"two")
    assert file.read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["file"]  # noqa: PTH208


def test_many_may_write_at_once(tmp_path: Path) -> None:
    file = tmp_path / "file"
    contents = [bytes([number]) * (100_000 + number) for number in range(16)]
    with ThreadPoolExecutor(8) as pool:
        for write in [pool.submit(write_atomically, file, data) for data in contents]:
            write.result()
    assert file.read_bytes() in contents
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_leftovers_are_the_partial_files_of_killed_processes(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path\n"
        "from seedbed.core.files import write_atomically\n"
        "os.fsync = lambda file: os._exit(1)\n"
        "write_atomically(Path(sys.argv[1]), b'half')"
    )
    for name in ("one", "other"):
        killed = subprocess.run([sys.executable, "-c", program, tmp_path / name], check=False)
        assert killed.returncode == 1
    assert not (tmp_path / "one").exists()
    (partial,) = leftovers(tmp_path, "one")
    assert partial.name.startswith("one.")
    assert len(list(leftovers(tmp_path))) == 2
    write_atomically(tmp_path / "one", b"whole")
    assert not list(leftovers(tmp_path, "one"))
    assert len(list(leftovers(tmp_path))) == 1


def test_a_file_that_is_being_written_is_no_leftover(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, seen = tmp_path / "file", list[bool]()

    def sync(_: int) -> None:
        seen.append(any(leftovers(tmp_path)))
        remove_leftovers(tmp_path)

    monkeypatch.setattr(os, "fsync", sync)
    write_atomically(file, b"whole")
    assert seen == [False]
    assert file.read_bytes() == b"whole"


def test_a_file_that_is_taken_for_a_leftover_before_it_is_locked_is_begun_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, taken = Path.open, list[Path]()

    def open_file(path: Path, mode: str = "r") -> Any:
        file = opened(path, mode)
        if mode == "xb" and not taken:
            taken.append(path)
            remove_leftovers(tmp_path)
        return file

    monkeypatch.setattr(Path, "open", open_file)
    write_atomically(tmp_path / "file", b"whole")
    assert taken
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("name", ["mine.partial", "file.0a1b2c3.partial", "file.backup00.partial"])
def test_files_of_the_user_are_no_leftovers(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    remove_leftovers(tmp_path)
    assert (tmp_path / name).exists()


def test_the_mode_is_that_of_any_new_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"")
    (tmp_path / "plain").touch()
    modes = {(tmp_path / name).stat().st_mode for name in ("file", "plain")}
    assert len(modes) == 1


def test_a_full_disk_keeps_the_old_contents(tiny_disk: Path) -> None:
    file = tiny_disk / "file"
    write_atomically(file, b"old" * 1000)
    with pytest.raises(StoreError) as error:
        write_atomically(file, bytes(100_000), "look")
    assert isinstance(error.value.__cause__, OSError)
    assert error.value.__cause__.errno == errno.ENOSPC
    assert error.value.where == str(file)
    assert error.value.hint not in ("", "look")
    assert file.read_bytes() == b"old" * 1000
    assert [path.name for path in tiny_disk.iterdir()] == ["file"]
    write_atomically(file, b"new")


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_an_error_at_any_step_keeps_the_old_contents(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    write_atomically(file, b"old")

    def fail(*_: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, broken, fail)
        with pytest.raises(StoreError) as error:
            write_atomically(file, b"new")
    assert isinstance(error.value.__cause__, OSError)
    assert error.value.__cause__.errno == errno.EIO
    assert error.value.where == str(file)
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as error:
        write_atomically(tmp_path / "missing" / "file", b"", "look")
    assert isinstance(error.value.__cause__, FileNotFoundError)
    assert error.value.where == str(tmp_path / "missing" / "file")
    assert error.value.hint == "look"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_the_hint_for_a_full_disk_replaces_others(number: int) -> None:
    error = cannot_write(Path("file"), OSError(number, "full"), "choose another folder")
    assert error.hint not in ("", "choose another folder")


def test_the_error_names_the_file_the_cause_and_the_hint(sentence: Sentence) -> None:
    sentence(cannot_write(Path("a/file"), OSError(errno.EIO, "Input/output error"), "look"))


def test_the_hint_for_a_full_disk(sentence: Sentence) -> None:
    sentence(cannot_write(Path("a/file"), OSError(errno.ENOSPC, "No space left on device")))


def test_the_checksum_is_sha256() -> None:
    assert sha256(b"abc").startswith("ba7816bf8f01cfea414140de5dae2223b00361a3")


def test_a_folder_is_there_with_all_its_files_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, partial = tmp_path / "runs" / "a", tmp_path / "runs" / ".a.partial"
    contents: dict[str, bytes | memoryview] = {"one": b"1", "two": memoryview(b"22")}

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(StoreError) as error:
            write_folder(path, contents)
    assert error.value.where == str(path)
    assert error.value.hint
    assert not path.exists()
    assert not partial.exists()
    partial.mkdir()
    (partial / "of a killed process").touch()
    write_folder(path, contents)
    assert {file.name: file.read_bytes() for file in path.iterdir()} == {"one": b"1", "two": b"22"}
    assert not partial.exists()
