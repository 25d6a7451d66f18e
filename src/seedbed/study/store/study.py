"""The folder of one study: every path in it, its locks, and ``study.toml``.

A process that trains a run holds the lock of that run, so several processes can fill one study. The
lock of the study is held only while ``study.toml`` or ``summary.json`` is written. A lock ends with
its process, however that ends; lock files stay behind and mean nothing.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from seedbed.core.errors import StoreError, StudyError, StudyInUse
from seedbed.core.files import cannot_write, leftovers, write_atomically
from seedbed.study.plan import PlannedRun
from seedbed.study.spec.configuration import flat
from seedbed.study.spec.reader import check_format, parse_study
from seedbed.study.spec.study import StudySpec
from seedbed.study.spec.toml import parse_toml
from seedbed.study.store.names import SUMMARY
from seedbed.study.store.run import DamagedRunError, RunStore, StoredRun

CHANGES_SHOWN: Final = 3
LONGEST_CHANGE: Final = 60
"""Characters of a value that has changed."""
PATIENCE: Final = 30.0
"""Seconds to wait for another process that writes a file of the study."""


@dataclass(frozen=True)
class RunLock:
    """The lock of a run, held by this process until it is released or the process ends."""

    lock: FileLock
    owner_file: Path

    def release(self) -> None:
        """Let other processes train the run."""
        self.owner_file.unlink(missing_ok=True)
        self.lock.release()


class StudyStore:
    """Where a study is kept; made only when something is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.study_file = folder / "study.toml"
        self.runs_folder = folder / "runs"
        self.lock_file = folder / ".lock"
        self.locks_folder = folder / ".locks"

    def run(self, run_id: str) -> RunStore:
        """Return where the run of this id is kept."""
        return RunStore(self.runs_folder / run_id)

    def load_run(self, planned: PlannedRun) -> StoredRun | None:
        """Return what is stored of a planned run, or ``None`` if it has not been started.

        Raises:
            DamagedRunError: If a file is missing, or holds something else than was written.
            StoreError: If a newer Seedbed wrote it, or a file may not be read.

        """
        stored = self.run(planned.id).load()
        # What is in a name can be changed by renaming.
        if stored and stored.record.dataset.fingerprint != planned.configuration.fingerprint:
            raise DamagedRunError("run.json names other images than the study")
        return stored

    def run_ids(self) -> list[str]:
        """Return the ids of all runs that have been started, damaged ones set aside left out."""
        folders = (file.parent.name for file in self.runs_folder.glob("*/run.json"))
        return sorted(name for name in folders if ".damaged-" not in name)

    def check_writable(self) -> None:
        """Raise :class:`StoreError` now if the results could not be written later."""
        try:
            nearest = next(p for p in (self.folder, *self.folder.absolute().parents) if p.exists())
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        if not nearest.is_dir():
            raise StoreError("cannot write results there: not a folder", where=str(nearest))
        if not os.access(nearest, os.W_OK | os.X_OK):
            raise StoreError(
                "cannot write results there: permission denied",
                where=str(nearest),
                hint="choose another folder with --out",
            )

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Keep other processes from writing the files of the study while the block runs.

        Raises:
            StudyInUse: If another process holds it for half a minute.
            StoreError: If the folder cannot be written.

        """
        lock = FileLock(self.lock_file)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=PATIENCE)
        except Timeout:
            raise StudyInUse(
                "another process is writing the study",
                where=str(self.folder),
                hint="wait for it, or choose another folder with --out",
            ) from None
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        try:
            self._remove_leftovers()
            yield
        finally:
            lock.release()

    def lock_run(self, run_id: str) -> RunLock | None:
        """Return the lock of a run, or ``None`` if another process is training it.

        Raises:
            StoreError: If the folder cannot be written.

        """
        folder = self.locks_folder
        lock = FileLock(folder / f"{run_id}.lock", thread_local=False)  # released by any thread
        owner = self._owner_file(run_id)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            return None
        except OSError as error:
            raise cannot_write(folder, error) from error
        held = RunLock(lock, owner)
        try:
            owner.write_text(f"pid {os.getpid()} on {socket.gethostname()}", encoding="utf-8")
        except OSError as error:
            held.release()
            raise cannot_write(owner, error) from error
        return held

    def owner_of(self, run_id: str) -> str:
        """Return which process trains a run, as in ``pid 123 on laptop``."""
        try:
            owner = self._owner_file(run_id).read_text(encoding="utf-8")
        except OSError:  # it has only just begun, or ended
            owner = ""
        return owner or "another process"

    def write_study(self, spec: StudySpec) -> str:
        """Write ``study.toml``, and return how it differs from the one before, in a few words.

        Raises:
            StoreError: If a newer Seedbed wrote the one before, or it cannot be written.

        """
        changes = self.changes(spec)
        contents = spec.to_toml().encode()
        if self._contents() != contents:
            write_atomically(self.study_file, contents)
        return changes

    def changes(self, spec: StudySpec) -> str:
        """Return how a study differs from what ``study.toml`` says, if there is one.

        Raises:
            StoreError: If a newer Seedbed wrote it.

        """
        before = self._contents()
        if before is None or before == spec.to_toml().encode():
            return ""
        try:
            old = parse_toml(before.decode(), str(self.study_file))
        except (UnicodeDecodeError, StudyError):
            return "it could not be read before"
        check_format(old.get("format"), str(self.study_file))
        was, now = flat(old), flat(spec.to_dict())
        changes = [
            f"{key} = {_short(now.get(key, 'not there'))} (was {_short(was.get(key, 'not there'))})"
            for key in {**now, **was}
            if now.get(key) != was.get(key)
        ]
        more = len(changes) - CHANGES_SHOWN
        return "; ".join(changes[:CHANGES_SHOWN]) + (f"; and {more} more" if more > 0 else "")

    def read_study(self) -> StudySpec:
        """Return what ``study.toml`` says.

        Raises:
            StoreError: If there is no study here, or a newer Seedbed wrote it.
            StudyError: If something in it cannot be used.

        """
        try:
            text = self.study_file.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            raise StoreError(
                "there is no study here",
                where=str(self.folder),
                expected="a folder that `seedbed run` has written, with a study.toml in it",
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError("cannot be read", where=str(self.study_file)) from error
        return parse_study(text, str(self.study_file), folder=self.folder, stored=True)

    def _remove_leftovers(self) -> None:
        """Remove what a killed process has left of the files that only the lock's holder writes."""
        for name in (self.study_file.name, SUMMARY):
            for partial in leftovers(self.folder, name):
                partial.unlink(missing_ok=True)

    def _owner_file(self, run_id: str) -> Path:
        return self.locks_folder / f"{run_id}.owner"

    def _contents(self) -> bytes | None:
        try:
            return self.study_file.read_bytes()
        except OSError:  # what is wrong with it will show when it is written
            return None


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= LONGEST_CHANGE else f"{text[:LONGEST_CHANGE]}..."
