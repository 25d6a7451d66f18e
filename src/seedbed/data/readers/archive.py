"""Members of tar archives, read into memory: nothing is extracted to disk."""

import os
import tarfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, cast

from seedbed.core.errors import DataError
from seedbed.data.readers.bounded import Limit, open_bounded
from seedbed.data.readers.contents import located


def read_members(path: Path, wanted: Collection[str]) -> dict[str, bytes]:
    """Return the contents of members by file name; the archive may be compressed with gzip.

    Args:
        path: The archive.
        wanted: File names without folders; other members are ignored.

    Raises:
        DataError: If the archive is damaged; any member, wanted or not, is a link or has a path
            that leads out of the archive's folder; or it unpacks to more than :class:`Limit`
            allows.

    """
    members: dict[str, bytes] = {}
    with open_bounded(path) as (stream, limit), located(path):
        bounded = cast("IO[bytes]", _Bounded(stream, limit))
        try:
            with tarfile.open(fileobj=bounded, mode="r:") as archive:
                for member in archive:
                    _check(member, path)
                    name = PurePosixPath(member.name).name
                    if name not in wanted or not member.isfile():
                        continue
                    if name in members:
                        raise DataError(f"there are two members named {name!r}", where=str(path))
                    before = sum(map(len, members.values()))
                    members[name] = _read(archive, member, limit, before)
        except tarfile.TarError as error:
            raise DataError(
                f"the archive is damaged: {error}",
                where=str(path),
                hint="download or copy the file again",
            ) from error
    return members


class _Bounded:
    """A stream in which nothing beyond the limit can be read or skipped.

    :mod:`tarfile` believes every size in a header, of members and of its own extensions.
    """

    def __init__(self, stream: IO[bytes], limit: Limit) -> None:
        self._stream = stream
        self._limit = limit
        self._size = limit.size

    def tell(self) -> int:
        return self._stream.tell()

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to an offset from the start, the only kind of which :mod:`tarfile` makes use."""
        if whence != os.SEEK_SET:
            raise tarfile.ReadError("an archive is read from its start")
        self._check(offset)
        return self._stream.seek(offset)

    def read(self, size: int) -> bytes:
        left = self._size - self.tell()
        if size > left:
            self._check(self._size + size - left)
        return self._stream.read(min(size, left))

    def _check(self, end: int) -> None:
        """Reject a position that compressed data may not reach; other files have an end."""
        if self._limit.packed and end > self._size:
            self._limit.refuse("the archive unpacks to much more than its size", end)


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo, limit: Limit, before: int) -> bytes:
    """Return the contents of a member, with ``before`` bytes of others already in memory."""
    claim = f"the header of member {member.name!r} claims {member.size:,} bytes"
    limit.check(before + member.size, claim)
    stream = archive.extractfile(member)
    data = stream.read(member.size) if stream else b""
    if len(data) != member.size:
        raise DataError(f"{claim}, but there are {len(data):,}")
    return data


def _check(member: tarfile.TarInfo, path: Path) -> None:
    """Reject members that no archive of a dataset needs, but an attack does."""
    if not (member.isfile() or member.isdir()):
        kind = "a link" if member.islnk() or member.issym() else "a device or pipe"
        raise DataError(
            f"member {member.name!r} is {kind}",
            where=str(path),
            expected="files and folders only",
            hint="do not trust this archive; download it from its publisher",
        )
    windows = PureWindowsPath(member.name)
    if member.name.startswith("/") or windows.anchor or ".." in windows.parts:
        raise DataError(
            f"the path of member {member.name!r} leads out of the archive's folder",
            where=str(path),
            expected="relative paths without '..'",
            hint="do not trust this archive; download it from its publisher",
        )
