"""Limits are checked before memory is allocated."""

import gzip
from pathlib import Path

import pytest

from seedbed.core.errors import DataError
from seedbed.core.memory import usable_memory
from seedbed.data.readers.bounded import (
    ALWAYS_ALLOWED,
    LONGEST_LINE,
    UNPACKED_VARIABLE,
    Limit,
    check_lines,
    check_memory,
    max_bytes,
    open_bounded,
)
from sentences import Sentence


def test_no_gzip_data_expands_beyond_the_bound() -> None:
    packed = gzip.compress(bytes(50_000_000), 9)
    assert 50_000_000 < max_bytes(len(packed)) < 60_000_000


def test_plain_and_packed_files_read_alike(tmp_path: Path) -> None:
    for data in (b"hello", gzip.compress(b"hello")):
        (tmp_path / "f").write_bytes(data)
        with open_bounded(tmp_path / "f") as (stream, limit):
            assert stream.read() == b"hello"
            assert limit.size >= 5


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


def test_a_compressed_file_may_fill_100_times_its_size_and_half_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(UNPACKED_VARIABLE, raising=False)
    assert Limit(20, packed=True).size == ALWAYS_ALLOWED
    assert Limit(2_000_000, packed=True).size == 200_000_000
    assert Limit(10**12, packed=True).size == usable_memory() // 2
    assert Limit(10**12, packed=False).size == 10**12


def test_the_cap_is_a_setting(monkeypatch: pytest.MonkeyPatch, sentence: Sentence) -> None:
    limit = Limit(1_400_000, packed=True)
    monkeypatch.delenv(UNPACKED_VARIABLE, raising=False)
    limit.check(140_000_000, "it claims much")
    with pytest.raises(DataError) as error:
        limit.check(305 << 20, "it claims more")
    assert f"{UNPACKED_VARIABLE}=305" in error.value.hint
    sentence(error.value)
    monkeypatch.setenv(UNPACKED_VARIABLE, "305")
    limit.check(305 << 20, "it claims more")
    monkeypatch.setenv(UNPACKED_VARIABLE, "304")
    with pytest.raises(DataError):
        limit.check(305 << 20, "it claims more")


@pytest.mark.parametrize("setting", ["2G", "-1", "1.5", " 1", "1" * 5000])
def test_a_cap_that_is_no_size_is_rejected(monkeypatch: pytest.MonkeyPatch, setting: str) -> None:
    monkeypatch.setenv(UNPACKED_VARIABLE, setting)
    with pytest.raises(DataError) as error:
        Limit(100, packed=True).check(10, "it claims little")
    assert error.value.where == UNPACKED_VARIABLE
    assert error.value.expected


def test_a_line_that_would_fill_the_memory_is_rejected(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_bytes((b"x" * (LONGEST_LINE // 2) + b"\n") * 3)
    check_lines(path)
    path.write_bytes(b"short\n" + b"x" * (LONGEST_LINE + 1))
    with pytest.raises(DataError) as error:
        check_lines(path)
    assert "16.0 MiB" in error.value.what
