"""The driver: trains the missing runs of a study and writes their results.

The process may be killed at any time: called again with the same study, the driver keeps the runs
that have ended, resumes the others from their last checkpoint, and produces the same bits. A run is
checkpointed after an epoch at most once a second, because writing a file takes longer than an epoch
of a small study, and when the user stops it. Each run is locked while it is trained, so several
processes can share a study.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from seedbed.core.errors import ExecutionError, StoreError
from seedbed.core.files import leftovers
from seedbed.display.seed_names import run_name
from seedbed.execution.executor import (
    EpochsFinished,
    Event,
    Executor,
    Failed,
    Finished,
    ImagesTrained,
    Job,
    Lost,
    Released,
    Started,
)
from seedbed.execution.monitor import Monitor, RunProgress
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import PlannedRun, plan_runs, seed_by_seed
from seedbed.study.share import WHOLE, Share
from seedbed.study.spec.seeds import varied_streams
from seedbed.study.spec.selection import ALL, Selection
from seedbed.study.store.index import StudyIndex
from seedbed.study.store.record import RunRecord, version
from seedbed.study.store.run import DamagedRunError, StoredRun
from seedbed.study.store.study import RunLock, StudyStore
from seedbed.training.engine import EpochRecord, RunState
from seedbed.training.splits import learned_images

TICK: Final = 0.1
"""Seconds between two updates of the progress display."""
CHECKPOINT_INTERVAL = 1.0
"""Seconds between two checkpoints of a run: what a kill costs at most, beside the current epoch."""
CHECKPOINT_SHARE: Final = 0.25
"""The part of its time that the driver may spend on checkpoints; with many runs at a time, the
interval grows."""
MAX_LOST: Final = 3
"""How many times in a row a run may lose its worker without finishing an epoch."""


def execute(
    study: LoadedStudy,
    store: StudyStore,
    executor: Executor,
    monitor: Monitor,
    *,
    selection: Selection = ALL,
    share: Share = WHOLE,
    notices: Sequence[str] = (),
) -> Mapping[str, str]:
    """Train every run of a study that has not ended and that no other process is training.

    Args:
        study: The study.
        store: Where its results are stored.
        executor: Where runs are trained. It is stopped at the end.
        monitor: Shows the progress.
        selection: Which configurations to train.
        share: Which of their runs to train.
        notices: For the user, when everything has been checked and training starts.

    Returns:
        The runs that other processes are training: run id -> a description of the process.

    Raises:
        KeyboardInterrupt: After Ctrl-C, once the executor has stopped; all reported epochs are
            stored by then.
        SeedbedError: If a network, the engine or the folder cannot be used, nothing is selected, or
            a run keeps losing its workers.

    """
    try:
        selected = {configuration.id for configuration in selection.of(study.spec.configurations)}
        for warning in study.check(executor.engine):
            monitor.notice(warning)
        index = StudyIndex(store.folder)
        with store.lock():
            index.remove_partial_answers()
            changes = store.write_study(study.spec)
            store.declare_claims(study.spec)
        if changes:
            monitor.notice(f"{store.study_file} has changed: {changes}")
        runs = share.of([run for run in plan_runs(study.spec) if run.configuration.id in selected])
        missing: list[tuple[PlannedRun, int]] = []
        ended = 0
        for run in seed_by_seed(runs):
            if index.has_ended(run.id):  # all its files are as they were when it was last read
                ended += 1
                continue
            try:
                done = store.epochs_done(run)
            except StoreError as error:  # it may be whole, so it stays where it is
                monitor.notice(f"run {run.id} is left out: {error}")
                continue
            if done is None:
                ended += 1
                _remove_leftovers(store, run)
                index.note(run.id)
            else:
                missing.append((run, done))
        index.write()
        # Started runs come first, so that another Ctrl-C leaves few runs half done.
        missing.sort(key=lambda item: item[1] == 0)
        for notice in notices:
            monitor.notice(notice)
        varied = varied_streams(study.spec.seeds)
        progress = [_progress(run, done, study, varied) for run, done in missing]
        monitor.begin(progress, ended)
        driver = _Driver(study, store, executor, monitor, [run for run, _ in missing])
        try:
            driver.train()
        finally:
            executor.stop()  # nothing may train a run that others can claim
            try:
                driver.release_all()
            finally:
                monitor.end()
        for owner, count in Counter(driver.owners.values()).items():
            runs_are = "1 run is" if count == 1 else f"{count} runs are"
            monitor.notice(f"{runs_are} being trained by another process ({owner})")
        return driver.owners
    finally:
        executor.stop()  # also what was made for it, if no training has begun


def _progress(run: PlannedRun, done: int, study: LoadedStudy, varied: Sequence[str]) -> RunProgress:
    recipe = run.configuration.recipe
    label = run.configuration.label if len(study.spec.configurations) > 1 else ""
    images = learned_images(recipe, study.dataset(run.configuration).train, run.seeds)
    name = run_name(run.seeds.key, varied)
    return RunProgress(label, name, recipe.epochs, done, images)


def _remove_leftovers(store: StudyStore, run: PlannedRun) -> None:
    """Remove the files that a process left if it was killed just before a run ended."""
    stored = store.run(run.id)
    if stored.checkpoint_file.exists() or any(leftovers(stored.folder)):
        lock = store.lock_run(run.id)
        if lock is not None:
            stored.remove_leftovers()
            lock.release()


def _other_instructions(run: PlannedRun, before: RunRecord, now: RunRecord) -> str:
    kernels, others = now.engine.instructions or "other", before.engine.instructions or "other"
    return (
        f"run {run.id} resumes with {kernels.upper()} kernels on {now.machine.host}; it was "
        f"started with {others.upper()} on {before.machine.host}, which gives the same bits"
    )


@dataclass
class _Claimed:
    """A run that this process trains: its lock and its stored state."""

    lock: RunLock
    before: StoredRun | None
    """The run when it was claimed; ``None`` if it starts from the beginning."""
    history: list[EpochRecord] = field(default_factory=list)
    record: RunRecord | None = None
    unsaved: RunState | None = None
    """The state after the last epoch, until it is stored."""
    saved_epochs: int = 0
    saved_at: float = 0.0
    """When the last checkpoint was written, or the run started; in monotonic seconds."""


class _Driver:
    """Submits jobs and stores the events that they report."""

    def __init__(
        self,
        study: LoadedStudy,
        store: StudyStore,
        executor: Executor,
        monitor: Monitor,
        runs: Sequence[PlannedRun],
    ) -> None:
        self._study, self._store = study, store
        self._executor, self._monitor = executor, monitor
        self._runs = {run.id: run for run in runs}
        self._positions = {run.id: position for position, run in enumerate(runs)}
        self._claimed: dict[str, _Claimed] = {}
        self._open: set[str] = set()
        self._lost: Counter[str] = Counter()
        self._seconds_to_save = 0.0
        self.owners: dict[str, str] = {}
        """Runs that other processes are training: id -> a description of the process."""

    def train(self) -> None:
        """Train all runs except those that other processes train."""
        waiting = list(self._runs)
        while waiting:
            self._submit(waiting)
            ticked = time.monotonic()
            while self._open:
                event = self._executor.next_event(TICK)
                if event is not None:
                    self._handle(event)
                if time.monotonic() - ticked >= TICK:
                    for run_id in list(self._claimed):  # engines claim runs meanwhile
                        self._save(run_id, if_due=True)
                    self._monitor.tick()
                    ticked = time.monotonic()
            # Another process may have been stopped, so its runs may be free now.
            waiting = [run_id for run_id in list(self.owners) if self._is_free(run_id)]

    def release_all(self) -> None:
        """Store all epochs of the runs that have not ended, and let other processes train them."""
        try:
            for run_id in self._claimed:
                self._save(run_id)
        finally:
            for claimed in self._claimed.values():
                claimed.lock.release()

    def _submit(self, ids: Sequence[str]) -> None:
        self._open.update(ids)
        keep = self._study.spec.keep_logits
        jobs = [Job(self._runs[run_id], keep_logits=keep) for run_id in ids]
        self._executor.submit(jobs, self._claim)

    def _claim(self, job: Job) -> Job | None:
        """Lock a run and load its checkpoint; called by the executor, from any thread."""
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

    def _load(self, run: PlannedRun) -> StoredRun | None:
        """Return the stored run if it can be used; notify the user if it cannot."""
        try:
            stored = self._store.load_run(run)
        except DamagedRunError as error:
            aside = self._store.run(run.id).set_aside()
            self._monitor.notice(
                f"run {run.id} is damaged ({error}); moved to {aside.name}, training it again"
            )
            return None
        if stored is None or stored.record.status != "running" or stored.state is None:
            return stored
        if stored.record.versions["seedbed"] != version():
            # The state may mean something else here, and the result would mix both.
            self._monitor.notice(
                f"run {run.id} was started with another version of Seedbed; starting it again"
            )
            return None
        return stored

    def _is_free(self, run_id: str) -> bool:
        """Return whether this process can now train a run that another process had locked."""
        if self._store.epochs_done(self._runs[run_id]) is None:
            del self.owners[run_id]
            _remove_leftovers(self._store, self._runs[run_id])
            return False
        lock = self._store.lock_run(run_id)
        if lock is None:
            return False
        lock.release()
        del self.owners[run_id]
        return True

    def _handle(self, event: Event) -> None:
        run, position = self._runs[event.id], self._positions[event.id]
        match event:
            case ImagesTrained():
                self._monitor.images_trained(position, event.count)
            case Started():
                self._start(run, event)
            case EpochsFinished():
                self._keep_epochs(run, event)
                for record in event.records:
                    self._monitor.epoch_finished(position, record)
            case Finished():
                self._end(run, event)
                self._monitor.run_finished(position, event.result.diverged_epoch)
                if event.result.diverged_reason is not None:
                    self._monitor.notice(f"run {run.id} failed: {event.result.diverged_reason}")
            case Released():
                self._open.discard(run.id)
                self.owners[run.id] = self._store.owner_of(run.id)
                self._monitor.run_released(position)
            case Failed():
                raise event.error
            case Lost():
                self._resubmit(run, event)

    def _start(self, run: PlannedRun, event: Started) -> None:
        claimed = self._claimed[run.id]
        record, before = event.record, claimed.before.record if claimed.before else None
        if len(claimed.history) > event.epochs:
            claimed.history.clear()
            self._monitor.notice(f"run {run.id} was started with another engine; starting it again")
        # The clock of a worker's machine may differ from the one that says when the run ended.
        update: dict[str, Any] = {"started": before.started if before else datetime.now(UTC)}
        if before is not None and claimed.history:
            update["moves"] = record.moved_from(before, event.epochs)
            if before.engine.instructions != record.engine.instructions:
                self._monitor.notice(_other_instructions(run, before, record))
        record = claimed.record = record.model_copy(update=update)
        self._store.run(run.id).start(record, claimed.history)
        claimed.saved_epochs, claimed.saved_at = len(claimed.history), time.monotonic()

    def _keep_epochs(self, run: PlannedRun, event: EpochsFinished) -> None:
        claimed = self._claimed[run.id]
        claimed.history += event.records
        claimed.unsaved = event.checkpoint
        if len(claimed.history) < run.configuration.recipe.epochs:  # or else it is about to end
            self._save(run.id, if_due=True)
        del self._lost[run.id]

    def _save(self, run_id: str, *, if_due: bool = False) -> None:
        """Store the epochs of a run that are not stored yet.

        Args:
            run_id: Of a claimed run.
            if_due: Only if the last checkpoint is long enough ago.
        """
        claimed = self._claimed[run_id]
        now = time.monotonic()
        busy = len(self._claimed) * self._seconds_to_save / CHECKPOINT_SHARE
        interval = CHECKPOINT_INTERVAL * max(1.0, busy)
        if claimed.unsaved is None or (if_due and now - claimed.saved_at < interval):
            return
        assert claimed.record is not None, "a job starts before its first epoch ends"
        self._store.run(run_id).save_epochs(
            claimed.record, claimed.history, claimed.unsaved, claimed.saved_epochs
        )
        claimed.unsaved, claimed.saved_epochs, claimed.saved_at = None, len(claimed.history), now
        self._seconds_to_save += (time.monotonic() - now - self._seconds_to_save) / 8

    def _end(self, run: PlannedRun, event: Finished) -> None:
        claimed = self._claimed[run.id]
        assert claimed.record is not None, "a job starts before it ends"
        task = self._study.task(run)
        sample = task.sample()
        claimed.unsaved = None  # if this fails half-way, the run may have ended on the disk
        self._store.run(run.id).end(
            claimed.record,
            claimed.history,
            event.result,
            task.splits(sample),
            sample.labels if task.noise.active else None,
        )
        self._open.discard(run.id)
        self._claimed.pop(run.id).lock.release()

    def _resubmit(self, run: PlannedRun, event: Lost) -> None:
        if run.id in self._claimed:
            self._save(run.id)
        self._lost[run.id] += 1
        if self._lost[run.id] >= MAX_LOST:
            raise ExecutionError(
                f"lost its worker {MAX_LOST} times in the same epoch: {event.reason}",
                where=f"run {run.id}",
            )
        self._monitor.notice(f"run {run.id} lost its worker ({event.reason}); resuming it")
        self._submit([run.id])
