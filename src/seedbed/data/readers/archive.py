"""Members of tar archives, read into memory: nothing is extracted to disk."""

import tarfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath, PureWindowsPath

from seedbed.core.errors import DataError
from seedbed.data.readers.bounded import check_memory, is_gzip, max_bytes, readable


def read_members(path: Path, wanted: Collection[str]) -> dict[str, bytes]:
    """Return the contents of members by file name; the archive may be compressed with gzip.

    Args:
        path: The archive.
        wanted: File names without folders; other members are ignored.

    Raises:
        DataError: If the archive is damaged, or any member, wanted or not, is a link or has a path
            that leads out of the archive's folder.

    """
    members: dict[str, bytes] = {}
    with readable(path):
        size, packed = path.stat().st_size, is_gzip(path)
        limit = max_bytes(size) if packed else size
        try:
            with tarfile.open(path, "r:gz" if packed else "r:") as archive:
                for member in archive:
                    _check(member, path)
                    name = PurePosixPath(member.name).name
                    if name not in wanted or not member.isfile():
                        continue
                    if name in members:
                        raise DataError(f"there are two members named {name!r}", where=str(path))
                    members[name] = _read(archive, member, limit, path)
        except tarfile.TarError as error:
            raise DataError(
                f"the archive is damaged: {error}",
                where=str(path),
                hint="download or copy the file again",
            ) from error
    return members


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo, limit: int, path: Path) -> bytes:
    claim = f"the header of member {member.name!r} claims {member.size:,} bytes"
    if member.size > limit:
        raise DataError(f"{claim}, more than the archive can hold", where=str(path))
    check_memory(member.size, claim)
    stream = archive.extractfile(member)
    data = stream.read() if stream else b""
    if len(data) != member.size:
        raise DataError(f"{claim}, but there are {len(data):,}", where=str(path))
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
