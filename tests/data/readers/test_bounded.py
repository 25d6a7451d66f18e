"""Limits are checked before memory is allocated."""

import gzip
from pathlib import Path

import pytest

from seedbed.core.errors import DataError
from seedbed.data.readers.bounded import check_memory, max_bytes, open_bounded
from sentences import Sentence


def test_no_gzip_data_expands_beyond_the_bound() -> None:
    packed = gzip.compress(bytes(50_000_000), 9)
    assert 50_000_000 < max_bytes(len(packed)) < 60_000_000


def test_plain_and_packed_files_read_alike(tmp_path: Path) -> None:
    for data in (b"hello", gzip.compress(b"hello")):
        (tmp_path / "f").write_bytes(data)
        with open_bounded(tmp_path / "f") as (stream, most):
            assert stream.read() == b"hello"
            assert most >= 5


def test_a_missing_file_is_an_error(tmp_path: Path, sentence: Sentence) -> None:
    with pytest.raises(DataError) as error, open_bounded(tmp_path / "none"):
        pass
    assert error.value.where == str(tmp_path / "none")
    assert isinstance(error.value.__cause__, FileNotFoundError)
    sentence(error.value)


def test_a_petabyte_is_rejected() -> None:
    check_memory(1000, "a list")
    with pytest.raises(DataError) as error:
        check_memory(10**15, "a petabyte")
    assert "931,322.6 GiB" in error.value.what


def test_a_machine_of_unknown_size_has_64_gib(
    monkeypatch: pytest.MonkeyPatch, sentence: Sentence
) -> None:
    monkeypatch.delattr("os.sysconf")
    check_memory(10**9, "a list")
    with pytest.raises(DataError) as error:
        check_memory(10**12, "a table")
    assert "64.0 GiB" in error.value.expected
    sentence(error.value)
