"""Files that are either complete or absent, and checksums."""

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from seedbed.core.errors import StoreError


def write_atomically(
    path: Path, contents: bytes | memoryview | Sequence[bytes | memoryview], hint: str = ""
) -> None:
    """Write a file so that ``path`` always has either the old contents or all of the new ones.

    Several processes may write the same file at once: the last one wins. What processes that were
    killed left of it is removed.

    Args:
        path: The file.
        contents: Its new contents, or the parts of them.
        hint: How to fix a failure, unless the disk is full.

    Raises:
        StoreError: If the file cannot be written; ``path`` is then unchanged.

    """
    try:
        remove_leftovers(path.parent, path.name)
        partial, file = _open_partial(path)
        try:
            with file:
                parts = [contents] if isinstance(contents, bytes | memoryview) else contents
                file.writelines(parts)
                file.flush()
                # Without it, a power cut could leave the new name without the new contents.
                os.fsync(file.fileno())
                if os.name == "posix":  # while it is locked; Windows cannot rename an open file
                    partial.replace(path)
            if os.name != "posix":
                partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise cannot_write(path, error, hint) from error


def partial_folder(path: Path) -> Path:
    """Return where :func:`write_folder` writes a folder first."""
    return path.with_name(f".{path.name}.partial")


def write_folder(path: Path, contents: Mapping[str, bytes | memoryview]) -> None:
    """Write a new folder of files so that it is there with all of them, or not at all.

    One new name takes the place of one for every file. What a process that was killed left at
    :func:`partial_folder` is removed.

    Args:
        path: The folder; there is none yet, and nobody else writes it.
        contents: Name -> contents.

    Raises:
        StoreError: If the folder cannot be written; there is none then.

    """
    partial = partial_folder(path)
    try:
        try:
            partial.mkdir()
        except FileNotFoundError:
            partial.mkdir(parents=True)
        except FileExistsError:
            shutil.rmtree(partial)
            partial.mkdir()
        try:
            for name, data in contents.items():
                # A Path would take as long as the rest.
                with open(os.path.join(partial, name), "xb") as file:  # noqa: PTH118, PTH123
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
            partial.rename(path)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    except OSError as error:
        raise cannot_write(path, error) from error


def _open_partial(path: Path) -> tuple[Path, IO[bytes]]:
    """Open a new file beside ``path``, locked for as long as it is open."""
    while True:
        partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.partial")
        file = partial.open("xb")
        if not _lock(file, wait=True) or os.fstat(file.fileno()).st_nlink:
            return partial, file
        file.close()  # another process took it for a leftover before it was locked


def set_aside(path: Path) -> Path:
    """Rename a damaged file or folder to ``NAME.damaged-1`` and so on, and return the new path.

    Raises:
        StoreError: If it cannot be renamed.

    """
    number = 1
    while os.path.lexists(aside := path.with_name(f"{path.name}.damaged-{number}")):
        number += 1
    try:
        path.rename(aside)
    except OSError as error:
        raise cannot_write(path, error) from error
    return aside


def make_way(path: Path) -> None:
    """Set aside a folder that has the name of a file that is about to be written.

    Raises:
        StoreError: If it cannot be renamed.

    """
    if path.is_dir():
        set_aside(path)


def leftovers(folder: Path, name: str = "") -> Iterator[Path]:
    """Yield the partial files of processes that were killed during :func:`write_atomically`.

    They are locked until the next one is asked for. Where the system has no locks that end with
    their process, as on Windows, there are none.

    Args:
        folder: The folder of the file.
        name: The name of the file; any file by default.

    """
    pattern = re.compile(rf"{re.escape(name) or '.+'}\.[0-9a-f]{{8}}\.partial")
    for partial in [path for path in folder.iterdir() if pattern.fullmatch(path.name)]:
        with contextlib.suppress(OSError), partial.open("rb") as file:  # another user's
            if _lock(file, wait=False):
                yield partial


def remove_leftovers(folder: Path, name: str = "") -> None:
    """Remove :func:`leftovers`; what may not be removed is nobody's data, and stays."""
    with contextlib.suppress(OSError):  # a folder that may be written may not be listed, either
        for partial in leftovers(folder, name):
            partial.unlink()


def _lock(file: IO[bytes], *, wait: bool) -> bool:
    """Lock an open file until it is closed; return whether it is locked by this process."""
    try:
        import fcntl
    except ImportError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:  # another process has it, or the file system has no locks
        return False
    return True


def cannot_write(path: Path, error: OSError, hint: str = "") -> StoreError:
    """Return the error for a file or folder that cannot be written.

    Args:
        path: The file or folder.
        error: The cause.
        hint: How to fix it, unless the disk is full.

    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        hint = "free some space and run the command again; what is stored is kept"
    return StoreError(f"cannot write it: {error.strerror or error}", where=str(path), hint=hint)


def sha256(contents: bytes | memoryview) -> str:
    """Return the SHA-256 of contents, as 64 hexadecimal digits."""
    return hashlib.sha256(contents).hexdigest()
