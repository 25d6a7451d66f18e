"""The runs that the driver has claimed: their locks, and what of them is stored.

A run is checkpointed after an epoch at most once a second, because writing a file takes longer than
an epoch of a small study. A run that is shorter than that leaves nothing before its end.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from seedbed.execution.executor import EpochsFinished, Job, Started
from seedbed.execution.storing.writer import Writer
from seedbed.study.plan import PlannedRun
from seedbed.study.store.ended import EndedRun
from seedbed.study.store.lock import RunLock
from seedbed.study.store.record import RunRecord, version
from seedbed.study.store.run import DamagedRunError, StoredRun
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import EpochRecord, RunState

CHECKPOINT_INTERVAL = 1.0
"""Seconds between two checkpoints of a run: what a kill costs at most, beside the current epoch."""
CHECKPOINT_SHARE: Final = 0.25
"""The part of its time that the driver may spend on checkpoints; with many runs at a time, the
interval grows."""


@dataclass
class _Claimed:
    """A run that this process trains."""

    lock: RunLock
    before: StoredRun | None
    """The run when it was claimed; ``None`` if it starts from the beginning."""
    history: list[EpochRecord] = field(default_factory=list)
    record: RunRecord | None = None
    """``None`` until the run starts."""
    is_stored: bool = False
    """Whether the record is."""
    unsaved: RunState | None = None
    """The state after the last epoch, until it is stored."""
    saved_epochs: int = 0
    saved_at: float = 0.0
    """When the last checkpoint was written, or the run started; in monotonic seconds."""


class Claims:
    """The runs that this process has claimed.

    Args:
        store: The folder of the study.
        notice: Shows a message of one line to the user.
    """

    def __init__(self, store: StudyStore, notice: Callable[[str], None]) -> None:
        self._store, self._notice = store, notice
        self._claimed: dict[str, _Claimed] = {}
        self._writer = Writer()
        self._seconds_to_save = 0.0

    def claim(self, job: Job) -> Job | None:
        """Lock a run and load its checkpoint; called by the executor, from any thread.

        Returns:
            The job with its checkpoint, or ``None`` if another process has the run or it has ended.
        """
        claimed = self._claimed.get(job.id)  # set if the job was submitted before
        lock = claimed.lock if claimed else self._store.lock_run(job.id)
        if lock is None:
            return None
        try:
            before = self._load(job.run)
        except BaseException:
            lock.release()
            raise
        if before is not None and before.record.status != "running":
            # Its process may have been killed between its last two steps.
            self._store.run(job.id).remove_leftovers()
            lock.release()
            return None
        self._claimed[job.id] = _Claimed(lock, before, list(before.history) if before else [])
        if before is None or before.state is None:
            return replace(job, checkpoint=None, engine=None)
        return replace(job, checkpoint=before.state, engine=before.record.engine)

    def start(self, run: PlannedRun, event: Started) -> None:
        """Take note of the start of a claimed run."""
        claimed = self._claimed[run.id]
        record, before = event.record, claimed.before.record if claimed.before else None
        if len(claimed.history) > event.epochs:
            claimed.history.clear()
            self._notice(f"run {run.id} was started with another engine; starting it again")
        # The clock of a worker's machine may differ from the one that says when the run ended.
        update: dict[str, Any] = {"started": before.started if before else datetime.now(UTC)}
        if before is not None and claimed.history:
            update["moves"] = record.moved_from(before, event.epochs)
            if before.engine.instructions != record.engine.instructions:
                self._notice(_other_instructions(run, before, record))
        claimed.record = record.model_copy(update=update)
        claimed.saved_epochs, claimed.saved_at = len(claimed.history), time.monotonic()
        if before is not None:
            self._store_start(run.id, claimed)
        self._save(run.id, claimed, if_due=True)

    def add_epochs(self, run: PlannedRun, event: EpochsFinished) -> None:
        """Take note of epochs, and store them if the last checkpoint is long enough ago."""
        claimed = self._claimed[run.id]
        claimed.history += event.records
        claimed.unsaved = event.checkpoint
        if len(claimed.history) < run.configuration.recipe.epochs:  # or else it is about to end
            self._save(run.id, claimed, if_due=True)

    def save(self, run_id: str) -> None:
        """Store the epochs of a run that are not stored yet, if this process has claimed it."""
        if claimed := self._claimed.get(run_id):
            self._save(run_id, claimed)

    def save_due(self) -> None:
        """Store the runs whose last checkpoint is long enough ago."""
        for run_id, claimed in list(self._claimed.items()):  # engines claim runs meanwhile
            self._save(run_id, claimed, if_due=True)

    def end(self, run_id: str, ended: EndedRun) -> None:
        """Store the end of a run and release it, in another thread.

        Raises:
            StoreError: If that of an earlier run could not be stored.
        """
        claimed = self._claimed[run_id]
        record = claimed.record
        assert record is not None, "a job starts before it ends"

        def write() -> None:
            claimed.unsaved = None  # from here on, the run may have ended on the disk
            try:
                self._store.run(run_id).end(record, claimed.history, ended)
            finally:
                claimed.lock.release()

        self._writer.submit(write)
        del self._claimed[run_id]

    def release_all(self) -> None:
        """Store all epochs of the runs that have not ended, and let other processes train them.

        Raises:
            StoreError: If something cannot be stored.
        """
        try:
            self._writer.close()
        finally:
            try:
                for run_id, claimed in self._claimed.items():
                    self._save(run_id, claimed)
            finally:
                for claimed in self._claimed.values():
                    claimed.lock.release()

    def _load(self, run: PlannedRun) -> StoredRun | None:
        """Return the stored run if it can be used; notify the user if it cannot."""
        try:
            stored = self._store.load_run(run)
        except DamagedRunError as error:
            aside = self._store.run(run.id).set_aside()
            self._notice(
                f"run {run.id} is damaged ({error}); moved to {aside.name}, training it again"
            )
            return None
        if stored is None or stored.record.status != "running" or stored.state is None:
            return stored
        if stored.record.versions["seedbed"] != version():
            # The state may mean something else here, and the result would mix both.
            self._notice(
                f"run {run.id} was started with another version of Seedbed; starting it again"
            )
            return None
        return stored

    def _store_start(self, run_id: str, claimed: _Claimed) -> None:
        assert claimed.record is not None, "a job starts before its first epoch ends"
        claimed.lock.sign()
        self._store.run(run_id).start(claimed.record, claimed.history[: claimed.saved_epochs])
        claimed.is_stored = True

    def _save(self, run_id: str, claimed: _Claimed, *, if_due: bool = False) -> None:
        """Store the start of a run, and its epochs that are not stored yet.

        Args:
            run_id: Of the run.
            claimed: The run.
            if_due: Only if the last checkpoint is long enough ago.
        """
        now = time.monotonic()
        busy = len(self._claimed) * self._seconds_to_save / CHECKPOINT_SHARE
        interval = CHECKPOINT_INTERVAL * max(1.0, busy)
        if claimed.record is None or (if_due and now - claimed.saved_at < interval):
            return
        if not claimed.is_stored and (if_due or claimed.unsaved):
            self._store_start(run_id, claimed)
        if claimed.unsaved is None:
            return
        self._store.run(run_id).save_epochs(
            claimed.record, claimed.history, claimed.unsaved, claimed.saved_epochs
        )
        claimed.unsaved, claimed.saved_epochs, claimed.saved_at = None, len(claimed.history), now
        self._seconds_to_save += (time.monotonic() - now - self._seconds_to_save) / 8


def _other_instructions(run: PlannedRun, before: RunRecord, now: RunRecord) -> str:
    kernels, others = now.engine.instructions or "other", before.engine.instructions or "other"
    return (
        f"run {run.id} resumes with {kernels.upper()} kernels on {now.machine.host}; it was "
        f"started with {others.upper()} on {before.machine.host}, which gives the same bits"
    )
