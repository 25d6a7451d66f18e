"""The lock of a run: whoever holds it trains the run, prunes it, or removes what a kill left.

The lock is that of an open file, so the operating system releases it when the process ends, even if
it is killed. Thousands of short runs are locked one after the other, so where there is ``flock`` it
is called directly: all that a portable lock does around it takes twenty times as long.
"""

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from seedbed.core.files import cannot_write

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]


@dataclass(frozen=True)
class RunLock:
    """The lock of a run, held by this process."""

    _release: Callable[[], None]
    owner_file: Path

    def sign(self) -> None:
        """Write which process holds the lock.

        Raises:
            StoreError: If that cannot be written.
        """
        try:
            self.owner_file.write_text(
                f"pid {os.getpid()} on {socket.gethostname()}", encoding="utf-8"
            )
        except OSError as error:
            raise cannot_write(self.owner_file, error) from error

    def release(self) -> None:
        """Release the lock, so that other processes can train the run; any thread may do so."""
        self.owner_file.unlink(missing_ok=True)
        self._release()


def lock_of_run(folder: Path, run_id: str) -> RunLock | None:
    """Return the lock of a run, or ``None`` if another process holds it.

    Args:
        folder: Of locks; created if necessary.
        run_id: Of the run.

    Raises:
        StoreError: If the folder cannot be written.
    """
    file = folder / f"{run_id}.lock"
    try:
        try:
            release = _lock(file)
        except FileNotFoundError:
            folder.mkdir(parents=True, exist_ok=True)
            release = _lock(file)
    except OSError as error:
        raise cannot_write(folder, error) from error
    if release is None:
        return None
    owner = owner_file(folder, run_id)
    owner.unlink(missing_ok=True)  # of a process that was killed
    return RunLock(release, owner)


def owner_file(folder: Path, run_id: str) -> Path:
    """Return the file that says which process holds the lock of a run."""
    return folder / f"{run_id}.owner"


def _lock(file: Path) -> Callable[[], None] | None:
    """Lock a file, and return what releases it; ``None`` if another process holds the lock."""
    if fcntl is None:
        return _portable_lock(file)
    while True:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_nlink:
                return lambda: os.close(descriptor)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # it was removed before it was locked


def _portable_lock(file: Path) -> Callable[[], None] | None:
    lock = FileLock(file, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return None
    return lock.release
