"""Tar archives: wanted members are read, hostile ones are rejected."""

import gzip
import io
import tarfile
import tracemalloc
from pathlib import Path

import pytest

from seedbed.core.errors import DataError
from seedbed.data.readers.archive import read_members
from seedbed.data.readers.bounded import UNPACKED_VARIABLE
from sentences import Sentence


def member(name: str, data: bytes = b"", kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = len(data), kind, "/etc/passwd"
    return info


def write(path: Path, *members: tuple[tarfile.TarInfo, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return path


@pytest.mark.parametrize("mode", ["w:gz", "w"])
def test_wanted_members_are_returned_by_file_name(tmp_path: Path, mode: str) -> None:
    path = write(
        tmp_path / "a.tar.gz",
        (member("folder", kind=tarfile.DIRTYPE), b""),
        (member("folder/one.bin", b"11"), b"11"),
        (member("folder/readme.html", b"<p>"), b"<p>"),
        mode=mode,
    )
    assert read_members(path, ["one.bin", "two.bin"]) == {"one.bin": b"11"}


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("../one.bin", tarfile.REGTYPE, "relative paths without '..'"),
        ("folder/../../one.bin", tarfile.REGTYPE, "relative paths without '..'"),
        ("/etc/one.bin", tarfile.REGTYPE, "relative paths without '..'"),
        ("C:\\one.bin", tarfile.REGTYPE, "relative paths without '..'"),
        ("folder/..\\..\\one.bin", tarfile.REGTYPE, "relative paths without '..'"),
        ("folder/link", tarfile.SYMTYPE, "files and folders only"),
        ("folder/link", tarfile.LNKTYPE, "files and folders only"),
        ("folder/fifo", tarfile.FIFOTYPE, "files and folders only"),
    ],
)
def test_an_archive_with_a_hostile_member_is_rejected(
    tmp_path: Path, name: str, kind: bytes, expected: str
) -> None:
    path = write(tmp_path / "a.tar.gz", (member(name, kind=kind), b""))
    with pytest.raises(DataError) as error:
        read_members(path, ["one.bin"])
    assert error.value.where == str(path)
    assert repr(name) in error.value.what
    assert error.value.expected == expected
    assert error.value.hint
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("../one.bin", tarfile.REGTYPE), ("link", tarfile.SYMTYPE), ("fifo", tarfile.FIFOTYPE)],
    ids=["path", "link", "pipe"],
)
def test_the_error_names_the_hostile_member(
    tmp_path: Path, name: str, kind: bytes, sentence: Sentence
) -> None:
    with pytest.raises(DataError) as error:
        read_members(write(tmp_path / "a.tar.gz", (member(name, kind=kind), b"")), ["one.bin"])
    sentence(error.value)


@pytest.mark.parametrize("mode", ["w:xz", "w:bz2"])
def test_compressions_without_a_known_bound_are_rejected(tmp_path: Path, mode: str) -> None:
    path = write(tmp_path / "a.tar", (member("one.bin", b"11"), b"11"), mode=mode)
    with pytest.raises(DataError) as error:
        read_members(path, ["one.bin"])
    assert error.value.where == str(path)
    assert isinstance(error.value.__cause__, tarfile.TarError)
    assert error.value.hint


def test_two_members_of_one_name_are_rejected(tmp_path: Path, sentence: Sentence) -> None:
    members = [(member(f"{folder}/one.bin", b"1"), b"1") for folder in "ab"]
    path = write(tmp_path / "a.tar.gz", *members)
    with pytest.raises(DataError) as error:
        read_members(path, ["one.bin"])
    assert error.value.where == str(path)
    sentence(error.value)


def test_a_member_with_an_impossible_size_is_rejected(tmp_path: Path, sentence: Sentence) -> None:
    info = member("one.bin")
    info.size = 10**12
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(info.tobuf() + bytes(512)))
    with pytest.raises(DataError) as error:
        read_members(path, ["one.bin"])
    assert error.value.where == str(path)
    assert "1,000,000,000,000" in error.value.what
    sentence(error.value)


def test_damaged_archives_are_rejected(tmp_path: Path) -> None:
    data = bytes(range(256)) * 400
    whole = write(tmp_path / "whole.tar.gz", (member("one.bin", data), data)).read_bytes()
    path = tmp_path / "damaged.tar.gz"
    for damaged in (whole[: len(whole) // 2], b"no tar at all", gzip.compress(b"no tar at all")):
        path.write_bytes(damaged)
        with pytest.raises(DataError) as error:
            read_members(path, ["one.bin"])
        assert error.value.where == str(path)
        assert isinstance(error.value.__cause__, tarfile.TarError | EOFError)
        assert error.value.hint


def refused(path: Path) -> DataError:
    """Return the error for a hostile archive, which costs little memory."""
    tracemalloc.start()
    with pytest.raises(DataError) as error:
        read_members(path, ["one.bin", "two.bin"])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20
    assert error.value.where == str(path)
    return error.value


def bomb(path: Path, *members: tuple[str, int], kind: bytes = tarfile.REGTYPE) -> Path:
    """Write an archive of zeros, about a thousandth of their size."""
    with gzip.open(path, "wb") as file:
        for name, size in members:
            info = member(name, kind=kind)
            info.size = size
            file.write(info.tobuf())
            for _ in range(size >> 20):
                file.write(bytes(1 << 20))
        file.write(bytes(1024))
    return path


def test_a_member_that_unpacks_to_much_more_than_the_archive_is_rejected(
    tmp_path: Path, sentence: Sentence, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = bomb(tmp_path / "a.tar.gz", ("one.bin", 65 << 20))
    assert path.stat().st_size < 1 << 17
    sentence(refused(path))
    monkeypatch.setenv(UNPACKED_VARIABLE, "66")
    assert len(read_members(path, ["one.bin"])["one.bin"]) == 65 << 20


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME], ids=["pax", "GNU"])
def test_an_extension_that_unpacks_to_much_more_is_rejected(tmp_path: Path, kind: bytes) -> None:
    # tarfile reads these headers whole, before it returns any member.
    assert refused(bomb(tmp_path / "a.tar.gz", ("long name", 65 << 20), kind=kind)).hint


def test_a_member_that_is_only_skipped_counts(tmp_path: Path) -> None:
    path = bomb(tmp_path / "a.tar.gz", ("other.bin", 65 << 20), ("one.bin", 0))
    assert UNPACKED_VARIABLE in refused(path).hint


def test_all_members_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = bomb(tmp_path / "a.tar.gz", ("one.bin", 2 << 20), ("two.bin", 2 << 20))
    monkeypatch.setenv(UNPACKED_VARIABLE, "3")
    with pytest.raises(DataError) as error:
        read_members(path, ["one.bin", "two.bin"])
    assert "'two.bin'" in error.value.what
    monkeypatch.setenv(UNPACKED_VARIABLE, "5")
    assert len(read_members(path, ["one.bin", "two.bin"])) == 2


def test_an_extension_longer_than_a_plain_archive_is_rejected(tmp_path: Path) -> None:
    info = member("long name", kind=tarfile.XHDTYPE)
    info.size = 7 << 30
    (tmp_path / "a.tar").write_bytes(info.tobuf() + bytes(4096))
    refused(tmp_path / "a.tar")
