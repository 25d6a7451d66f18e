"""Files that are either complete or absent, and checksums."""

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from seedbed.core.errors import StoreError


def write_atomically(path: Path, contents: bytes, hint: str = "") -> None:
    """Write a file so that ``path`` always has either the old contents or all of the new ones.

    Several processes may write the same file at once: the last one wins.

    Args:
        path: The file.
        contents: Its new contents.
        hint: How to fix a failure, unless the disk is full.

    Raises:
        StoreError: If the file cannot be written; ``path`` is then unchanged.

    """
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.partial")
    try:
        try:
            with partial.open("xb") as file:
                file.write(contents)
                file.flush()
                # Without it, a power cut could leave the new name without the new contents.
                os.fsync(file.fileno())
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise cannot_write(path, error, hint) from error


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
    """Return the partial files of processes that were killed during :func:`write_atomically`.

    Args:
        folder: The folder of the file. No process may be writing the file now.
        name: The name of the file; any file by default.

    """
    return folder.glob(f"{name}*.partial")


def cannot_write(path: Path, error: OSError, hint: str = "") -> StoreError:
    """Return the error for a file or folder that cannot be written.

    Args:
        path: The file or folder.
        error: The cause.
        hint: How to fix it, unless the disk is full.

    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        hint = "free some space and run the command again; finished work is kept"
    return StoreError(f"cannot write it: {error.strerror or error}", where=str(path), hint=hint)


def sha256(contents: bytes) -> str:
    """Return the SHA-256 of contents, as 64 hexadecimal digits."""
    return hashlib.sha256(contents).hexdigest()
