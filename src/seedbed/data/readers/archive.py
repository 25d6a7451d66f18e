"""Reading members of tar archives, in memory: nothing is ever extracted to disk."""

import tarfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath, PureWindowsPath

from seedbed.core.errors import DataError
from seedbed.data.readers.bounded import check_memory, is_gzip, most_bytes, readable


def read_members(path: Path, wanted: Collection[str]) -> dict[str, bytes]:
    """Return the members of a tar archive, compressed with gzip or not, by their file names.

    Args:
        path: The archive.
        wanted: File names without folders; others are passed over.

    Raises:
        DataError: If the archive is damaged, or any member, wanted or not, is a link or leads out
            of the folder that the archive would be unpacked in.

    """
    found: dict[str, bytes] = {}
    with readable(path):
        size, packed = path.stat().st_size, is_gzip(path)
        most = most_bytes(size) if packed else size
        try:
            with tarfile.open(path, "r:gz" if packed else "r:") as archive:
                for member in archive:
                    _check(member, path)
                    name = PurePosixPath(member.name).name
                    if name not in wanted or not member.isfile():
                        continue
                    if name in found:
                        raise DataError(f"there are two members {name!r}", where=str(path))
                    found[name] = _read(archive, member, most, path)
        except tarfile.TarError as error:
            raise DataError(
                f"the archive is damaged: {error}",
                where=str(path),
                hint="fetch or copy the file again",
            ) from error
    return found


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo, most: int, path: Path) -> bytes:
    promise = f"the member {member.name!r} promises {member.size:,} bytes"
    if member.size > most:
        raise DataError(f"{promise}, which the archive cannot hold", where=str(path))
    check_memory(member.size, promise)
    stream = archive.extractfile(member)
    data = stream.read() if stream else b""
    if len(data) != member.size:
        raise DataError(f"{promise}, but holds {len(data):,}", where=str(path))
    return data


def _check(member: tarfile.TarInfo, path: Path) -> None:
    """Refuse what a well-meant archive of a dataset has no use for."""
    if not (member.isfile() or member.isdir()):
        kind = "a link" if member.islnk() or member.issym() else "a device or pipe"
        raise DataError(
            f"the member {member.name!r} is {kind}",
            where=str(path),
            expected="files and folders only",
            hint="do not trust this archive; fetch it from its publisher",
        )
    windows = PureWindowsPath(member.name)
    if member.name.startswith("/") or windows.anchor or ".." in windows.parts:
        raise DataError(
            f"the member {member.name!r} leads out of the archive's folder",
            where=str(path),
            expected="relative paths without '..'",
            hint="do not trust this archive; fetch it from its publisher",
        )
