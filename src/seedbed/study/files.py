"""Files that are either whole or not there, and how to tell a whole one."""

import errno
import hashlib
import os
from pathlib import Path

from seedbed.errors import StoreError


def write_atomically(path: Path, contents: bytes) -> None:
    """Write a file so that ``path`` always holds the old contents or all of the new ones.

    Raises:
        StoreError: If it cannot be written; ``path`` is then as it was.

    """
    partial = path.with_name(f"{path.name}.partial")  # one name: the study's lock is held
    try:
        try:
            with partial.open("wb") as file:
                file.write(contents)
                file.flush()
                os.fsync(file.fileno())  # or a power cut could leave the new name without contents
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise cannot_write(path, error) from error


def cannot_write(path: Path, error: OSError) -> StoreError:
    """Return the one line for a file or folder that cannot be written."""
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    mend = "free some space and run the same command again; what is finished is kept"
    return StoreError(
        f"cannot write it: {error.strerror or error}", where=str(path), mend=mend if full else ""
    )


def sha256(contents: bytes) -> str:
    """Return the hash that tells whole contents from damaged ones."""
    return hashlib.sha256(contents).hexdigest()
