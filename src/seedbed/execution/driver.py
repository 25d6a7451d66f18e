"""The driver: trains the missing runs of a study and writes their results.

The process may be killed at any time: called again with the same study, the driver keeps the runs
that have ended, resumes the others from their last checkpoint, and produces the same bits. Each run
is locked while it is trained, so several processes can share a study.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

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
from seedbed.execution.storing.claims import Claims
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import PlannedRun, plan_runs, seed_by_seed
from seedbed.study.share import WHOLE, Share
from seedbed.study.spec.seeds import varied_streams
from seedbed.study.spec.selection import ALL, Selection
from seedbed.study.store.index import StudyIndex
from seedbed.study.store.study import StudyStore
from seedbed.training.splits import learned_images

TICK: Final = 0.1
"""Seconds between two updates of the progress display."""
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
        selected = {each.id: each for each in selection.of(study.spec.configurations)}
        runs = share.of([run for run in plan_runs(study.spec) if run.configuration.id in selected])
        index = StudyIndex(store.folder)
        unknown = {run.configuration.id for run in runs if not index.has_ended(run.id)}
        to_check = [each for name, each in selected.items() if name in unknown]
        for warning in study.check(executor.engine, to_check):
            monitor.notice(warning)
        with store.lock():
            index.remove_partial_answers()
            store.declare(study.spec)
            changes = store.write_study(study.spec)
        if changes:
            monitor.notice(f"{store.study_file} has changed: {changes}")
        missing: list[tuple[PlannedRun, int]] = []
        ended = 0
        for run in seed_by_seed(runs):
            if index.has_ended(run.id):  # all its files are as they were when it was last read
                ended += 1
                continue
            try:
                done = 0 if index.is_absent(run.id) else store.epochs_done(run)
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
                driver.claims.release_all()
            finally:
                monitor.end()
        for owner, count in Counter(driver.owners.values()).items():
            runs_are = "1 run is" if count == 1 else f"{count} runs are"
            monitor.notice(f"{runs_are} being trained by {owner}")
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
        self._open: set[str] = set()
        self._lost: Counter[str] = Counter()
        self.claims = Claims(store, monitor.notice)
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
                    self.claims.save_due()
                    self._monitor.tick()
                    ticked = time.monotonic()
            # Another process may have been stopped, so its runs may be free now.
            waiting = [run_id for run_id in list(self.owners) if self._is_free(run_id)]

    def _submit(self, ids: Sequence[str]) -> None:
        self._open.update(ids)
        keep = self._study.spec.keep_logits
        jobs = [Job(self._runs[run_id], keep_logits=keep) for run_id in ids]
        self._executor.submit(jobs, self.claims.claim)

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
                self.claims.start(run, event)
            case EpochsFinished():
                self.claims.add_epochs(run, event)
                del self._lost[run.id]
                for record in event.records:
                    self._monitor.epoch_finished(position, record)
            case Finished():
                self.claims.end(run.id, event.ended)
                self._open.discard(run.id)
                self._monitor.run_finished(position, event.ended.diverged_epoch)
                if event.ended.diverged_reason is not None:
                    self._monitor.notice(f"run {run.id} failed: {event.ended.diverged_reason}")
            case Released():
                self._open.discard(run.id)
                self.owners[run.id] = self._store.owner_of(run.id)
                self._monitor.run_released(position)
            case Failed():
                raise event.error
            case Lost():
                self._resubmit(run, event)

    def _resubmit(self, run: PlannedRun, event: Lost) -> None:
        self.claims.save(run.id)
        self._lost[run.id] += 1
        if self._lost[run.id] >= MAX_LOST:
            raise ExecutionError(
                f"lost its worker {MAX_LOST} times in the same epoch: {event.reason}",
                where=f"run {run.id}",
            )
        self._monitor.notice(f"run {run.id} lost its worker ({event.reason}); resuming it")
        self._submit([run.id])
