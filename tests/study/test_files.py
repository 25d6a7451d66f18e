"""Files are whole or not there, also when the disk is full."""

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seedbed.errors import StoreError
from seedbed.study.files import write_atomically


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


def test_a_full_disk_leaves_what_was_there(tiny_disk: Path) -> None:
    file = tiny_disk / "file"
    write_atomically(file, b"old" * 1000)
    with pytest.raises(StoreError, match=r"tiny/file: cannot write it: No space left .*free some"):
        write_atomically(file, bytes(100_000))
    assert file.read_bytes() == b"old" * 1000
    assert [each.name for each in tiny_disk.iterdir()] == ["file"]
    write_atomically(file, b"new")


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_an_error_at_any_step_leaves_what_was_there(
    broken: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    write_atomically(file, b"old")

    def fail(*_: Any) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, broken, fail)
        with pytest.raises(StoreError, match="Input/output error"):
            write_atomically(file, b"new")
    assert file.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="missing/file: cannot write it: No such file"):
        write_atomically(tmp_path / "missing" / "file", b"")
