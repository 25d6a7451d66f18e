"""Tar archives: what is wanted comes out, what is hostile is refused."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from seedbed.core.errors import DataError
from seedbed.data.readers.archive import read_members


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
def test_wanted_members_come_by_their_file_name(tmp_path: Path, mode: str) -> None:
    path = write(
        tmp_path / "a.tar.gz",
        (member("folder", kind=tarfile.DIRTYPE), b""),
        (member("folder/one.bin", b"11"), b"11"),
        (member("folder/readme.html", b"<p>"), b"<p>"),
        mode=mode,
    )
    assert read_members(path, ["one.bin", "two.bin"]) == {"one.bin": b"11"}


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("../one.bin", tarfile.REGTYPE, "leads out of the archive's folder"),
        ("folder/../../one.bin", tarfile.REGTYPE, "leads out of the archive's folder"),
        ("/etc/one.bin", tarfile.REGTYPE, "leads out of the archive's folder"),
        ("C:\\one.bin", tarfile.REGTYPE, "leads out of the archive's folder"),
        ("folder/..\\..\\one.bin", tarfile.REGTYPE, "leads out of the archive's folder"),
        (
            "folder/link",
            tarfile.SYMTYPE,
            "'folder/link' is a link; expected files and folders only",
        ),
        ("folder/link", tarfile.LNKTYPE, "'folder/link' is a link"),
        ("folder/fifo", tarfile.FIFOTYPE, "is a device or pipe"),
    ],
)
def test_a_hostile_member_refuses_the_archive(
    tmp_path: Path, name: str, kind: bytes, message: str
) -> None:
    path = write(tmp_path / "a.tar.gz", (member(name, kind=kind), b""))
    with pytest.raises(DataError, match=message) as caught:
        read_members(path, ["one.bin"])
    assert str(caught.value).startswith(str(path))
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", ["w:xz", "w:bz2"])
def test_other_compressions_whose_bounds_are_not_known_are_refused(
    tmp_path: Path, mode: str
) -> None:
    path = write(tmp_path / "a.tar", (member("one.bin", b"11"), b"11"), mode=mode)
    with pytest.raises(DataError, match="the archive is damaged"):
        read_members(path, ["one.bin"])


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    members = [(member(f"{folder}/one.bin", b"1"), b"1") for folder in "ab"]
    with pytest.raises(DataError, match=r"there are two members 'one.bin'"):
        read_members(write(tmp_path / "a.tar.gz", *members), ["one.bin"])


def test_a_member_that_promises_too_much_is_refused(tmp_path: Path) -> None:
    info = member("one.bin")
    info.size = 10**12
    path = tmp_path / "a.tar.gz"
    path.write_bytes(gzip.compress(info.tobuf() + bytes(512)))
    with pytest.raises(
        DataError, match="promises 1,000,000,000,000 bytes, which the archive cannot"
    ):
        read_members(path, ["one.bin"])


def test_damaged_archives_are_refused(tmp_path: Path) -> None:
    data = bytes(range(256)) * 400
    whole = write(tmp_path / "whole.tar.gz", (member("one.bin", data), data)).read_bytes()
    path = tmp_path / "damaged.tar.gz"
    for damaged in (whole[: len(whole) // 2], b"no tar at all", gzip.compress(b"no tar at all")):
        path.write_bytes(damaged)
        with pytest.raises(DataError, match=r"damaged|truncated|corrupt") as caught:
            read_members(path, ["one.bin"])
        assert str(caught.value).startswith(str(path))
