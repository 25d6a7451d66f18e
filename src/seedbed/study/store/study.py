"""The folder of one study: its paths, its locks, and ``study.toml``.

A process holds the lock of a run while it trains it, so several processes can train one study. The
lock of the study is held only while ``study.toml`` or ``summary.json`` is written. The operating
system releases the locks of a process when it ends, even if it is killed; lock files stay behind
without effect.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from seedbed.core.errors import SeedbedError, StoreError, StudyError, StudyInUse
from seedbed.core.files import cannot_write, make_way, remove_leftovers, write_atomically
from seedbed.core.seal import is_broken, is_sealed
from seedbed.study.plan import PlannedRun
from seedbed.study.spec.configuration import DatasetSpec, flat
from seedbed.study.spec.reader import check_format, parse_study
from seedbed.study.spec.study import StudySpec
from seedbed.study.spec.toml import parse_toml
from seedbed.study.store.claims import declare
from seedbed.study.store.lock import RunLock, lock_of_run, owner_file
from seedbed.study.store.names import SUMMARY
from seedbed.study.store.nearby import no_study
from seedbed.study.store.part import StudyPart
from seedbed.study.store.run import DamagedRunError, RunStore, StoredRun

MAX_CHANGES: Final = 3
MAX_VALUE: Final = 60
"""Maximum characters of a changed value in a message."""
LEAST_TESTED: Final = 2
"""Seeds with which configurations can be compared."""
LOCK_TIMEOUT: Final = 30.0
"""Seconds to wait for another process that is writing a file of the study."""


class StudyStore:
    """The folder of a study; created when the first file is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.study_file = folder / "study.toml"
        self.runs_folder = folder / "runs"
        self.lock_file = folder / ".lock"
        self.locks_folder = folder / ".locks"

    def run(self, run_id: str) -> RunStore:
        """Return the folder of a run."""
        return RunStore(self.runs_folder / run_id)

    def load_run(self, planned: PlannedRun) -> StoredRun | None:
        """Return the stored state of a planned run, or ``None`` if it has not been started.

        Raises:
            DamagedRunError: If a file is missing, or was changed after it was written.
            StoreError: If another version of Seedbed wrote it, or a file cannot be read.

        """
        stored = self.run(planned.id).load()
        # The id has the fingerprint too, but the folder may have been renamed.
        if stored and stored.record.dataset.fingerprint != planned.configuration.fingerprint:
            raise DamagedRunError("run.json has another dataset fingerprint than the study")
        return stored

    def epochs_done(self, planned: PlannedRun) -> int | None:
        """Return how many epochs of a run are stored; ``None`` if it has ended.

        Raises:
            StoreError: If another version of Seedbed wrote it, or it cannot be read.

        """
        try:
            stored = self.load_run(planned)
        except DamagedRunError:  # it will be trained again
            return 0
        if stored is None:
            return 0
        return len(stored.history) if stored.record.status == "running" else None

    def run_ids(self) -> list[str]:
        """Return the ids of all runs that have been started, except damaged ones set aside."""
        folders = (file.parent.name for file in self.runs_folder.glob("*/run.json"))
        return sorted(name for name in folders if ".damaged-" not in name)

    def check_writable(self) -> None:
        """Raise :class:`StoreError` now if the results could not be written later."""
        try:
            nearest = next(p for p in (self.folder, *self.folder.absolute().parents) if p.exists())
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        if not nearest.is_dir():
            raise StoreError("cannot write results: not a folder", where=str(nearest))
        if not os.access(nearest, os.W_OK | os.X_OK):
            raise StoreError(
                "cannot write results: permission denied",
                where=str(nearest),
                hint="choose another folder with --out",
            )

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Lock the files of the study for writing while the block runs.

        Raises:
            StudyInUse: If another process holds the lock for half a minute.
            StoreError: If the folder cannot be written.

        """
        lock = FileLock(self.lock_file)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=LOCK_TIMEOUT)
        except Timeout:
            raise StudyInUse(
                "another process is writing the study",
                where=str(self.folder),
                hint="wait for it, or choose another folder with --out",
            ) from None
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        try:
            remove_leftovers(self.folder)
            yield
        finally:
            lock.release()

    def lock_run(self, run_id: str) -> RunLock | None:
        """Return the lock of a run, or ``None`` if another process is training it.

        Raises:
            StoreError: If the folder cannot be written.

        """
        return lock_of_run(self.locks_folder, run_id)

    def owner_of(self, run_id: str) -> str:
        """Return the process that trains a run, as in ``another process (pid 123 on laptop)``."""
        try:
            owner = owner_file(self.locks_folder, run_id).read_text(encoding="utf-8")
        except OSError:  # it has just started or ended
            owner = ""
        return f"another process ({owner})" if owner else "another process"

    def write_study(self, spec: StudySpec) -> str:
        """Write ``study.toml``, and return how it differs from the previous one.

        Raises:
            StoreError: If another version of Seedbed wrote the previous one, or the file cannot be
                written.

        """
        changes = self.changes(spec)
        contents = spec.to_toml().encode()
        if self._contents() != contents:
            make_way(self.study_file)
            write_atomically(self.study_file, contents)
        return changes

    def declare(self, spec: StudySpec) -> None:
        """Store which claims the study has before more of its runs end, and that seeds are added.

        It looks at the ``study.toml`` that :meth:`write_study` replaces.

        Raises:
            StoreError: If ``claims.json`` cannot be written.

        """
        look = self._look_before(spec)
        if not spec.claims and look is None:
            return
        ended = sum(not self._is_running(run_id) for run_id in self.run_ids()) if spec.claims else 0
        declare(self.folder, spec.claims, ended, len(spec.seeds), look)

    def _look_before(self, spec: StudySpec) -> int | None:
        """Return the number of seeds before some were added, if their results have been shown."""
        if not os.path.lexists(self.folder / SUMMARY) or not self.changes(spec):
            return None
        try:
            before = self.read_study().seeds
        except SeedbedError:  # it was damaged, which is said elsewhere
            return None
        added = len(before) < len(spec.seeds)
        return len(before) if added and len(before) >= LEAST_TESTED else None

    def _is_running(self, run_id: str) -> bool:
        try:
            stored = self.run(run_id).load()
        except DamagedRunError:
            return True
        except StoreError:  # it cannot be read, and may have ended
            return False
        return stored is None or stored.record.status == "running"

    def changes(self, spec: StudySpec) -> str:
        """Return how a study differs from the stored ``study.toml``, if there is one.

        Raises:
            StoreError: If another version of Seedbed wrote it.

        """
        before = self._contents()
        if before is None or before == spec.to_toml().encode():
            return ""
        try:
            old = parse_toml(before.decode(), str(self.study_file))
        except (UnicodeDecodeError, StudyError):
            return "the previous contents could not be read"
        if not is_broken(before):
            check_format(old.get("format"), str(self.study_file))
        old.pop("checksum", None)
        before_values, values = _by_variant(flat(old)), _by_variant(flat(spec.to_dict()))
        changes = [
            f"{key} = {_short(values, key)} (was {_short(before_values, key)})"
            for key in {**values, **before_values}
            if values.get(key) != before_values.get(key)
        ]
        more = len(changes) - MAX_CHANGES
        return "; ".join(changes[:MAX_CHANGES]) + (f"; and {more} more" if more > 0 else "")

    def study_text(self) -> str | None:
        """Return ``study.toml`` as it stands, or ``None`` if there is none.

        Raises:
            StoreError: If it cannot be read.

        """
        try:
            return self.study_file.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError("cannot read it", where=str(self.study_file)) from error

    def read_study(self) -> StudySpec:
        """Return the study in ``study.toml``.

        Raises:
            StoreError: If there is no study here, or another version of Seedbed wrote it.
            StudyError: If ``study.toml`` is invalid.

        """
        text = self.study_text()
        if text is None:
            raise no_study(self.folder)
        try:
            return parse_study(text, str(self.study_file), folder=self.folder, stored=True)
        except SeedbedError as error:
            if not is_broken(text.encode()):
                raise
            raise StoreError(
                f"was changed after it was written, and cannot be used: {error.what}",
                where=error.where,
                hint="`seedbed run` with the same study and --out writes it again",
            ) from error

    def read_datasets(self) -> list[DatasetSpec]:
        """Return the datasets of the study, without its configurations where they need not be read.

        Raises:
            StoreError: As :meth:`read_study` does.
            StudyError: As :meth:`read_study` does.

        """
        text = self.study_text()
        if text is None or not self.is_unchanged():
            return self.read_study().datasets
        return StudyPart(text, self.folder).datasets()

    def is_unchanged(self) -> bool:
        """Return whether ``study.toml`` is as it was written, if there is one."""
        contents = self._contents()
        return contents is None or is_sealed(contents)

    def _contents(self) -> bytes | None:
        try:
            return self.study_file.read_bytes()
        except OSError:  # the reason is reported when it is written
            return None


def _by_variant(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings with an entry for each variant, so that a change says which one."""
    others = {key: value for key, value in values.items() if key != "variants"}
    return others | {
        f"variant {variant.get('name', place)}": variant
        for place, variant in enumerate(values.get("variants") or ())
    }


def _short(values: Mapping[str, object], key: str) -> str:
    text = str(values.get(key, "not set"))
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}..."
