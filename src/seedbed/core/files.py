"""Files that are either whole or not there, and how to tell a whole one."""

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from seedbed.core.errors import StoreError


def write_atomically(path: Path, contents: bytes, hint: str = "") -> None:
    """Write a file so that ``path`` always holds the old contents or all of the new ones.

    That is so even if several processes write it at once: one of them is the last.

    Args:
        path: Of the file.
        contents: All of it.
        hint: What to do where it cannot be written, unless the disk is full.

    Raises:
        StoreError: If it cannot be written; ``path`` is then as it was.

    """
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}.partial")
    try:
        try:
            with partial.open("xb") as file:
                file.write(contents)
                file.flush()
                os.fsync(file.fileno())  # or a power cut could leave the new name without contents
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise cannot_write(path, error, hint) from error


def leftovers(folder: Path, name: str = "") -> Iterator[Path]:
    """Find what processes that were killed while they wrote a file have left of it.

    Args:
        folder: Of the file. Nobody may be writing it now.
        name: Of the file; any by default.

    """
    return folder.glob(f"{name}*.partial")


def cannot_write(path: Path, error: OSError, hint: str = "") -> StoreError:
    """Return the one line for a file or folder that cannot be written.

    Args:
        path: Of the file or folder.
        error: What happened.
        hint: What to do about it, unless the disk is full.

    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        hint = "free some space and run the same command again; what is finished is kept"
    return StoreError(f"cannot write it: {error.strerror or error}", where=str(path), hint=hint)


def sha256(contents: bytes) -> str:
    """Return the hash that tells whole contents from damaged ones."""
    return hashlib.sha256(contents).hexdigest()
