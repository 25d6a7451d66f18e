"""Files are whole or not there, also when the disk is full."""

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
from seedbed.core.files import leftovers, write_atomically


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
        for each in [pool.submit(write_atomically, file, data) for data in contents]:
            each.result()
    assert file.read_bytes() in contents
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_what_a_killed_process_left_is_found(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path\n"
        "from seedbed.core.files import write_atomically\n"
        "os.fsync = lambda file: os._exit(1)\n"
        "write_atomically(Path(sys.argv[1]), b'half')"
    )
    for name in ("one", "other"):
        done = subprocess.run([sys.executable, "-c", program, tmp_path / name], check=False)
        assert done.returncode == 1
    assert not (tmp_path / "one").exists()
    (found,) = leftovers(tmp_path, "one")
    assert found.name.startswith("one.")
    assert len(list(leftovers(tmp_path))) == 2


def test_the_mode_is_that_of_any_new_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"")
    (tmp_path / "plain").touch()
    modes = {(tmp_path / name).stat().st_mode for name in ("file", "plain")}
    assert len(modes) == 1


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
    with pytest.raises(StoreError, match=r"missing/file: cannot write it: No such file.*\(look\)"):
        write_atomically(tmp_path / "missing" / "file", b"", "look")
