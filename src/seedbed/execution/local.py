"""Run what is missing of a study, on this machine.

Every epoch is stored as soon as it is over, so that this may be killed at any moment: called again
with the same study, it keeps what has ended, goes on with what has not, and ends with the same
bits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Event, Thread
from typing import Final, Protocol

from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import PlannedRun, plan_runs
from seedbed.study.spec.selection import ALL, Selection
from seedbed.study.store.record import RunRecord, new_record, sample_fields
from seedbed.study.store.run import DamagedRunError, RunStore, StoredRun
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import Engine, EpochRecord, RunResult, RunState, RunTask
from seedbed.training.splits import learned_images

TICK: Final = 0.1
"""Seconds between two looks at the progress, and at Ctrl-C."""


class Monitor(Protocol):
    """Told how the work goes on. ``run`` is a position in what :meth:`begin` was given.

    What is reported of a run may come from the engine's threads, one call at a time for any one
    run; everything else comes from the thread that called :func:`execute`.
    """

    def notice(self, text: str) -> None:
        """Something that the user should know, in one line."""

    def begin(self, runs: Sequence["RunProgress"], ended: int) -> None:
        """Begin: these runs are trained now, and ``ended`` more had ended before."""

    def images_trained(self, run: int, count: int) -> None:
        """``count`` more images of the current epoch have been trained on."""

    def epoch_finished(self, run: int, record: EpochRecord) -> None:
        """Take note that an epoch is over, and stored."""

    def run_finished(self, run: int, diverged_epoch: int | None) -> None:
        """Take note that the run has ended, and is stored."""

    def tick(self) -> None:
        """Do what is to be done about ten times a second."""

    def end(self) -> None:
        """End: nothing more is trained, be it that all is done or that something failed."""


@dataclass(frozen=True)
class RunProgress:
    """How far a run has come when training begins."""

    label: str
    """Of its configuration; empty where the study has only one."""
    seed: int | str
    epochs: int
    """All of them."""
    epochs_done: int
    images: int
    """Images in an epoch."""

    @property
    def name(self) -> str:
        """What the run is called while it is going on."""
        return f"{self.label}, seed {self.seed}" if self.label else f"seed {self.seed}"


def execute(
    study: LoadedStudy,
    store: StudyStore,
    engine: Engine,
    monitor: Monitor,
    *,
    threads: int,
    selection: Selection = ALL,
    why: str = "",
) -> None:
    """Train every run of a study that has not ended yet.

    Args:
        study: The study.
        store: Where its results are.
        engine: What trains.
        monitor: Told how it goes on.
        threads: Cores to use. Never changes a result.
        selection: Which configurations; the others are left as they are.
        why: Why it is this engine, for the user to know.

    Raises:
        KeyboardInterrupt: As soon as the engine has stopped after Ctrl-C; all finished epochs are
            stored.
        SeedbedError: If a network, the engine or the folder cannot be used, or nothing is selected.

    """
    chosen = {each.id for each in selection.of(study.spec.configurations)}
    for warning in study.check(engine):
        monitor.notice(warning)
    with store.lock():
        changes = store.write_study(study.spec)
        if changes:
            monitor.notice(f"{store.study_file} has changed: {changes}")
        runs = [run for run in plan_runs(study.spec) if run.configuration.id in chosen]
        active, ended = [], 0
        for planned in _in_order(runs):
            run = _open(planned, study, store, engine, monitor)
            if run is None:
                ended += 1
            else:
                active.append(run)
        # What has been begun is ended first, so that little is half done after another Ctrl-C.
        active.sort(key=lambda run: run.task.state is None)
        if why:
            monitor.notice(why)
        monitor.begin([_progress(run, study) for run in active], ended)
        try:
            if active:
                _train(active, engine, monitor, threads)
        finally:
            monitor.end()


class _ActiveRun:
    """A run that is being trained: where it is stored, and what is stored of it."""

    def __init__(
        self, task: RunTask, store: RunStore, record: RunRecord, history: list[EpochRecord]
    ) -> None:
        self.task = task
        self.history = history
        self._store = store
        self._record = record
        self._started = False

    @property
    def label(self) -> str:
        """Of its configuration."""
        return self._record.label

    def start(self) -> None:
        """Note that it is being trained, the first time that anything is heard of it."""
        if not self._started:
            self._record = self._record.model_copy(update=sample_fields(self.task))
            self._store.start(self._record, self.history)
            self._started = True

    def save_epoch(self, epoch: EpochRecord, state: RunState) -> None:
        """Store an epoch that is over."""
        self.history.append(epoch)
        self._store.save_epoch(self._record, self.history, state)

    def end(self, result: RunResult) -> None:
        """Store the end of the run."""
        sample = self.task.sample()
        noisy = sample.labels if self.task.noise.active else None
        splits = self.task.splits(sample)
        self._store.end(self._record, self.history, result, splits, noisy)


def _in_order(runs: Sequence[PlannedRun]) -> list[PlannedRun]:
    """Return runs seed by seed, so that every configuration has a result before any has two."""
    seeds = list(dict.fromkeys(run.seeds for run in runs))
    return sorted(runs, key=lambda run: seeds.index(run.seeds))


def _progress(run: _ActiveRun, study: LoadedStudy) -> RunProgress:
    recipe = run.task.recipe
    label = run.label if len(study.spec.configurations) > 1 else ""
    images = learned_images(recipe, len(run.task.dataset.train), run.task.seeds)
    return RunProgress(label, run.task.seeds.key, recipe.epochs, len(run.history), images)


def _open(
    planned: PlannedRun, study: LoadedStudy, store: StudyStore, engine: Engine, monitor: Monitor
) -> _ActiveRun | None:
    """Return a run as it goes on, or ``None`` if it has ended before."""
    task = study.task(planned)
    record = new_record(planned, task, engine)
    stored = _load_run(store, planned, record, monitor)
    if stored is None:
        return _ActiveRun(task, store.run(planned.id), record, [])
    if stored.record.status != "running":
        store.run(planned.id).remove_leftovers()
        return None
    record = record.model_copy(update={"started": stored.record.started})
    task = replace(task, state=stored.state)
    return _ActiveRun(task, store.run(planned.id), record, list(stored.history))


def _load_run(
    store: StudyStore, planned: PlannedRun, record: RunRecord, monitor: Monitor
) -> StoredRun | None:
    """Return what is stored of a run, if it can be used; say so if it cannot."""
    try:
        stored = store.load_run(planned)
    except DamagedRunError as error:
        aside = store.run(planned.id).set_aside()
        monitor.notice(
            f"run {record.id} is damaged ({error}): it is kept as {aside.name} and trained again"
        )
        return None
    if stored is None or stored.record.status != "running" or stored.state is None:
        return stored
    before, now = stored.record, record
    if (before.engine, before.versions["seedbed"]) != (now.engine, now.versions["seedbed"]):
        # Its state may mean something else here, and the result would be neither's.
        monitor.notice(
            f"run {record.id} was begun by another engine or version: it is trained from the start"
        )
        return None
    return stored


def _train(runs: Sequence[_ActiveRun], engine: Engine, monitor: Monitor, threads: int) -> None:
    """Train in a thread of its own, so that this one is free to notice Ctrl-C."""
    stop = Event()
    recorder = _Recorder(runs, monitor, stop)
    tasks = [run.task for run in runs]
    done = Event()

    def work() -> None:
        try:
            engine.train(tasks, recorder, threads=threads, stop=stop)
        except BaseException as error:
            recorder.fail(error)
        finally:
            done.set()

    Thread(target=work, name="seedbed-engine").start()
    # Not Thread.join(): one that Ctrl-C interrupts takes the thread for finished (Python < 3.13).
    try:
        while not done.wait(TICK):
            monitor.tick()
    finally:
        stop.set()
        done.wait()
    if recorder.failure is not None:
        raise recorder.failure
    assert len(recorder.ended) == len(runs), "the engine returned before all runs had ended"


class _Recorder:
    """The engine's observer: stores what happens, and then tells the monitor."""

    def __init__(self, runs: Sequence[_ActiveRun], monitor: Monitor, stop: Event) -> None:
        self._runs = runs
        self._monitor = monitor
        self._stop = stop
        self.ended: set[int] = set()
        self.failure: BaseException | None = None

    def fail(self, error: BaseException) -> None:
        """Keep the first error, for the thread that waits, and stop the engine."""
        self.failure = self.failure or error
        self._stop.set()

    def images_trained(self, run: int, count: int) -> None:
        self._guarded(self._runs[run].start)
        self._monitor.images_trained(run, count)

    def epoch_finished(self, run: int, record: EpochRecord, state: RunState) -> None:
        def store() -> None:
            self._runs[run].start()
            self._runs[run].save_epoch(record, state)
            self._monitor.epoch_finished(run, record)

        self._guarded(store)

    def run_finished(self, run: int, result: RunResult) -> None:
        def store() -> None:
            self._runs[run].start()
            self._runs[run].end(result)
            self.ended.add(run)
            self._monitor.run_finished(run, result.diverged_epoch)

        self._guarded(store)

    def _guarded(self, store: Callable[[], None]) -> None:
        """Do it, unless something has failed before: an error must not unwind the engine."""
        if self.failure is None:
            try:
                store()
            except BaseException as error:
                self.fail(error)
