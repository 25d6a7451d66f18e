"""The executor contract: each executor trains to the same bits and survives what can happen."""

import os
import pickle
import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from fake_engine import FakeEngine
from process_executor import ProcessExecutor
from seedbed.core.errors import DataError, ExecutionError
from seedbed.engines.native.engine import NativeEngine
from seedbed.execution.driver import execute
from seedbed.execution.executor import (
    EpochsFinished,
    Executor,
    Failed,
    Finished,
    Job,
    Released,
    Started,
)
from seedbed.execution.local import LocalExecutor
from seedbed.study.loaded import LoadedStudy
from seedbed.study.plan import plan_runs
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import EpochRecord
from small import Remembering, contents, loaded, run_small, runs, small_study, write_images

KINDS = ["local", "process"]


@pytest.fixture
def spec(tmp_path: Path) -> StudySpec:
    return small_study(tmp_path / "data")


def made(kind: str, study: LoadedStudy, engine: Callable[[], Any] = FakeEngine) -> Executor:
    if kind == "local":
        return LocalExecutor(engine(), study.datasets, threads=2)
    return ProcessExecutor(engine)


def run_in(executor: Executor, study: LoadedStudy, folder: Path, monitor: Any = None) -> StudyStore:
    store = StudyStore(folder)
    execute(study, store, executor, monitor or Remembering())
    return store


@pytest.mark.parametrize("engine", [FakeEngine, NativeEngine])
def test_where_a_run_is_trained_changes_nothing(
    spec: StudySpec, tmp_path: Path, engine: Callable[[], Any]
) -> None:
    study = LoadedStudy.load(spec)
    found = [contents(run_in(made(kind, study, engine), study, tmp_path / kind)) for kind in KINDS]
    assert found[0] == found[1]


def test_a_worker_whose_clock_differs_changes_no_time(spec: StudySpec, tmp_path: Path) -> None:
    class Ahead(LocalExecutor):
        def next_event(self, timeout: float) -> Any:
            event = super().next_event(timeout)
            if isinstance(event, Started):
                late = event.record.started + timedelta(days=1)
                return replace(event, record=event.record.model_copy(update={"started": late}))
            return event

    study = LoadedStudy.load(spec)
    executor = Ahead(FakeEngine(), study.datasets, threads=2)
    for run in runs(run_in(executor, study, tmp_path / "study")):
        record = loaded(run).record
        assert record.finished is not None
        assert timedelta() <= record.finished - record.started < timedelta(hours=1)


def events_of(executor: Executor, count: int) -> list[Any]:
    found = []
    for _ in range(10_000):
        event = executor.next_event(60.0)
        assert event is not None
        found.append(event)
        if sum(isinstance(each, Finished | Failed | Released) for each in found) == count:
            break
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_events_of_a_job_come_in_order(kind: str, spec: StudySpec) -> None:
    study = LoadedStudy.load(spec)
    executor = made(kind, study)
    jobs = [Job(run) for run in plan_runs(study.spec)]
    refused = jobs[1].id
    executor.submit(jobs, lambda job: None if job.id == refused else job)
    events = events_of(executor, 3)
    executor.stop()
    for job in jobs:
        names = [type(each).__name__ for each in events if each.id == job.id]
        if job.id == refused:
            assert names == ["Released"]
        else:
            assert (names[0], names[-1]) == ("Started", "Finished")
            assert names.count("EpochsFinished") == 4
            assert names.count("ImagesTrained") == 4 * 4
    started = next(each for each in events if each.id == jobs[0].id)
    assert started.record.id == jobs[0].id
    assert started.record.splits["train"].images == 60


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_goes_on_from_its_checkpoint(kind: str, spec: StudySpec) -> None:
    study = LoadedStudy.load(spec)
    run = plan_runs(study.spec)[0]
    executor = made(kind, study)
    executor.submit([Job(run)], lambda job: job)
    whole = events_of(executor, 1)
    executor.stop()
    epochs = [each for each in whole if type(each).__name__ == "EpochsFinished"]
    executor = made(kind, study)
    executor.submit([Job(run)], lambda job: Job(job.run, epochs[1].checkpoint))
    rest = events_of(executor, 1)
    executor.stop()
    trained = [each.records for each in rest if isinstance(each, EpochsFinished)]
    assert [record.epoch for records in trained for record in records] == [3, 4]
    assert (rest[-1].ended.logits == whole[-1].ended.logits).all()


@pytest.mark.parametrize("kind", KINDS)
def test_stopping_ends_everything(kind: str, spec: StudySpec) -> None:
    study = LoadedStudy.load(spec)
    executor = made(kind, study, partial(FakeEngine, delay=0.05))
    executor.submit([Job(run) for run in plan_runs(study.spec)], lambda job: job)
    while type(executor.next_event(60.0)).__name__ != "ImagesTrained":
        pass
    executor.stop()
    executor.stop()
    if isinstance(executor, ProcessExecutor):
        assert executor.processes == []


class KillsWorkers(Remembering):
    """Kills the worker processes after some of the epochs."""

    def __init__(self, executor: ProcessExecutor, after: set[int]) -> None:
        super().__init__()
        self._executor = executor
        self._after = after

    def epoch_finished(self, run: int, record: EpochRecord) -> None:
        super().epoch_finished(run, record)
        if sum(call[0] == "epoch" for call in self.calls) in self._after:
            for process in self._executor.processes:
                assert process.pid is not None
                os.kill(process.pid, signal.SIGKILL)


def test_a_killed_worker_is_replaced_and_its_job_resumed(spec: StudySpec, tmp_path: Path) -> None:
    study = LoadedStudy.load(spec)
    executor = ProcessExecutor(partial(FakeEngine, delay=0.02))
    monitor = KillsWorkers(executor, {2, 6})
    store = run_in(executor, study, tmp_path / "study", monitor)
    killed = [notice for notice in monitor.notices if f"exit status {-signal.SIGKILL}" in notice]
    assert len(killed) == len(monitor.notices) >= 2
    assert contents(store) == contents(run_small(spec, tmp_path / "reference"))
    # Epochs that were stored are not trained again.
    epochs = [call[1:] for call in monitor.calls if call[0] == "epoch"]
    assert len(epochs) == len(set(epochs)) == 12


class Dying(FakeEngine):
    """Ends its process instead of training."""

    def train(self, tasks: Any, observer: Any, **options: Any) -> None:
        os._exit(7)


def test_a_job_that_kills_every_worker_ends_the_study(spec: StudySpec, tmp_path: Path) -> None:
    study = LoadedStudy.load(spec)
    monitor = Remembering()
    with pytest.raises(ExecutionError) as error:
        run_in(ProcessExecutor(Dying, workers=1), study, tmp_path / "study", monitor)
    assert error.value.where.startswith("run lenet5-")
    assert monitor.calls[-1] == ("end",)


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_of_a_job_arrives_as_it_is(kind: str, spec: StudySpec, tmp_path: Path) -> None:
    study = LoadedStudy.load(spec)
    write_images(tmp_path / "data", count=90)  # now a worker finds other images
    executor = made(kind, study)
    if kind == "process":
        with pytest.raises(DataError) as error:
            run_in(executor, study, tmp_path / "study")
        assert error.value.what
    else:
        run_in(executor, study, tmp_path / "study")
        assert [loaded(run).record.status for run in runs(StudyStore(tmp_path / "study"))] == [
            "finished"
        ] * 3


def test_a_job_holds_no_images(spec: StudySpec) -> None:
    study = LoadedStudy.load(spec)
    (dataset,) = study.datasets.values()
    job = pickle.dumps(Job(plan_runs(study.spec)[0]))
    assert len(job) < dataset.train.images.nbytes
    assert dataset.train.images[0].tobytes() not in job
