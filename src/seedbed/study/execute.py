"""Run what is missing of a study, on this machine.

Every epoch is stored as soon as it is over, so that this may be killed at any moment: called again
with the same study, it keeps what has ended, goes on with what has not, and ends with the same
bits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from typing import Final, Protocol

from seedbed.data.images import DatasetSplits
from seedbed.study.grid import plan_runs
from seedbed.study.record import RunRecord, new_record
from seedbed.study.run_store import DamagedRunError, RunStore, StoredRun
from seedbed.study.spec import StudySpec
from seedbed.study.store import StudyStore
from seedbed.training.engine import Engine, EpochRecord, RunResult, RunState, RunTask

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

    seed: int
    epochs: int
    """All of them."""
    epochs_done: int
    images: int
    """Images in an epoch."""


def execute(
    spec: StudySpec,
    dataset: DatasetSplits,
    store: StudyStore,
    engine: Engine,
    monitor: Monitor,
    *,
    threads: int,
) -> None:
    """Train every run of ``spec`` that has not ended yet.

    Args:
        spec: The study.
        dataset: What its ``dataset`` loads.
        store: Where its results are.
        engine: What trains.
        monitor: Told how it goes on.
        threads: Cores to use. Never changes a result.

    Raises:
        KeyboardInterrupt: As soon as the engine has stopped after Ctrl-C; all finished epochs are
            stored.
        SeedbedError: If the network, the engine or the folder cannot be used.

    """
    spec = spec.with_fingerprint(dataset.fingerprint)
    network = spec.build_network(len(dataset.class_names))
    network.check(dataset.image_shape, len(dataset.class_names))
    engine.check(RunTask(network, spec.recipe, dataset, spec.seeds[0]))
    with store.lock():
        changes = store.write_study(spec)
        if changes:
            monitor.notice(f"{store.study_file} has changed: {changes}")
        runs, tasks, ended = [], [], 0
        for planned in plan_runs(spec):
            run_store = store.run(planned.id)
            record = new_record(planned, network, dataset, engine)
            stored = _load_run(run_store, record, monitor)
            if stored is not None and stored.record.status != "running":
                ended += 1
                run_store.remove_leftovers()
                continue
            if stored is not None:
                record = record.model_copy(update={"started": stored.record.started})
            history = list(stored.history) if stored else []
            runs.append(_ActiveRun(run_store, record, history))
            state = stored.state if stored else None
            tasks.append(RunTask(network, spec.recipe, dataset, planned.seed, state))
        monitor.begin(
            [
                RunProgress(t.seed, t.recipe.epochs, len(run.history), len(dataset.train))
                for t, run in zip(tasks, runs, strict=True)
            ],
            ended,
        )
        try:
            if tasks:
                _train(runs, tasks, engine, monitor, threads)
        finally:
            monitor.end()


@dataclass(frozen=True)
class _ActiveRun:
    """A run that is being trained: where it is stored, and what is stored of it."""

    store: RunStore
    record: RunRecord
    history: list[EpochRecord]


def _load_run(store: RunStore, record: RunRecord, monitor: Monitor) -> StoredRun | None:
    """Return what is stored of a run, if it can be used; say so if it cannot."""
    try:
        stored = store.load()
    except DamagedRunError as error:
        aside = store.set_aside()
        monitor.notice(
            f"run {record.id} is damaged ({error}): it is kept as {aside.name} and trained again"
        )
        return None
    if stored is None or stored.record.status != "running" or stored.state is None:
        return stored
    before, now = stored.record, record
    if (before.engine, before.versions["seedbed"]) != (now.engine, now.versions["seedbed"]):
        # Its state may mean something else here, and the result would be neither's.
        monitor.notice(f"run {record.id} was begun by another engine: it is trained from the start")
        return None
    return stored


def _train(
    runs: Sequence[_ActiveRun],
    tasks: Sequence[RunTask],
    engine: Engine,
    monitor: Monitor,
    threads: int,
) -> None:
    """Train in a thread of its own, so that this one is free to notice Ctrl-C."""
    stop = Event()
    for run in runs:
        run.store.start(run.record, run.history)
    recorder = _Recorder(runs, tasks, monitor, stop)

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

    def __init__(
        self,
        runs: Sequence[_ActiveRun],
        tasks: Sequence[RunTask],
        monitor: Monitor,
        stop: Event,
    ) -> None:
        self._runs = runs
        self._tasks = tasks
        self._monitor = monitor
        self._stop = stop
        self.ended: set[int] = set()
        self.failure: BaseException | None = None

    def fail(self, error: BaseException) -> None:
        """Keep the first error, for the thread that waits, and stop the engine."""
        self.failure = self.failure or error
        self._stop.set()

    def images_trained(self, run: int, count: int) -> None:
        self._monitor.images_trained(run, count)

    def epoch_finished(self, run: int, record: EpochRecord, state: RunState) -> None:
        def store() -> None:
            active = self._runs[run]
            active.history.append(record)
            active.store.save_epoch(active.record, active.history, state)
            self._monitor.epoch_finished(run, record)

        self._guarded(store)

    def run_finished(self, run: int, result: RunResult) -> None:
        def store() -> None:
            active = self._runs[run]
            labels = self._tasks[run].dataset.test.labels
            active.store.end(active.record, active.history, result, labels)
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
