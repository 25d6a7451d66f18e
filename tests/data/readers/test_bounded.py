"""Bounds that hold before anything is allocated."""

import gzip
from pathlib import Path

import pytest

from seedbed.core.errors import DataError
from seedbed.data.readers.bounded import check_memory, most_bytes, open_bounded


def test_no_gzip_data_expands_beyond_the_bound() -> None:
    packed = gzip.compress(bytes(50_000_000), 9)
    assert 50_000_000 < most_bytes(len(packed)) < 60_000_000


def test_plain_and_packed_files_read_alike(tmp_path: Path) -> None:
    for data in (b"hello", gzip.compress(b"hello")):
        (tmp_path / "f").write_bytes(data)
        with open_bounded(tmp_path / "f") as (stream, most):
            assert stream.read() == b"hello"
            assert most >= 5


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    with (
        pytest.raises(DataError, match="cannot be read: No such file"),
        open_bounded(tmp_path / "none"),
    ):
        pass


def test_a_petabyte_is_refused() -> None:
    check_memory(1000, "little")
    with pytest.raises(DataError, match=r"much would need 931,322\.6 GiB"):
        check_memory(10**15, "much")


def test_where_the_machine_does_not_tell_its_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.sysconf")
    check_memory(10**9, "little")
    with pytest.raises(DataError, match=r"this machine has 64\.0"):
        check_memory(10**12, "much")
