"""What a Ray task does: it trains a bundle of jobs on its node, and yields their events."""

import pickle
import platform
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from threading import Condition, Event, Thread
from typing import Any

import ray

from seedbed.core.errors import DataError, ExecutionError, SeedbedError
from seedbed.data.images import DatasetSplits
from seedbed.execution.executor import (
    EpochsFinished,
    Failed,
    Finished,
    ImagesTrained,
    Job,
    Lost,
    Released,
    Reporter,
    Started,
)
from seedbed.execution.executor import Event as JobEvent
from seedbed.execution.ray.bundle import Bundle
from seedbed.study.spec.configuration import DatasetSpec
from seedbed.training.engine import EpochRecord, RunState


def task_function() -> Callable[..., Iterator[Any]]:
    """Return the function of a Ray task.

    Ray sends the code of a nested function, and the import of any other. So a node without Seedbed,
    or with another version, can say so: nothing is unpickled before the versions agree.
    """

    def train(version: str, bundle: bytes, images: Mapping[str, Any]) -> Iterator[Any]:
        import pickle
        from importlib import import_module, metadata

        import ray

        try:
            installed = metadata.version("seedbed")
        except metadata.PackageNotFoundError:
            installed = ""
        yield ray.get_runtime_context().get_node_id(), installed
        if installed == version:
            worker = import_module("seedbed.execution.ray.worker")
            yield from worker.train_bundle(pickle.loads(bundle), images)  # noqa: S301 # our driver's

    return train


def train_bundle(
    bundle: Bundle, images: Mapping[str, "ray.ObjectRef[DatasetSplits]"]
) -> Iterator[list[JobEvent]]:
    """Train jobs, and yield their events every now and then.

    Args:
        bundle: The jobs.
        images: The datasets in the object store, by fingerprint. One that is not there is looked up
            on this node.
    """
    outbox, stop = Outbox(bundle.jobs), Event()

    def dataset(job: Job) -> DatasetSplits:
        spec = job.run.configuration.dataset
        stored = images.get(job.run.configuration.fingerprint)
        return load_here(spec) if stored is None else ray.get(stored)

    def work() -> None:
        try:
            reporter = Reporter(bundle.jobs, bundle.make_engine(), outbox.add)
        except BaseException as error:
            for job in bundle.jobs:
                outbox.add(Failed(job.id, error))
        else:
            reporter.train(dataset, lambda job: job, threads=bundle.cores, stop=stop)

    thread = Thread(target=work, name="seedbed-engine", daemon=True)
    thread.start()
    try:
        while outbox.open:
            if events := outbox.take(bundle.interval):
                yield events
    finally:
        stop.set()
        thread.join()


@cache
def load_here(spec: DatasetSpec) -> DatasetSplits:
    """Return a dataset from the disk of this node.

    Raises:
        DataError: If it is not there, or has other contents.
    """
    try:
        return spec.load()
    except DataError as error:
        raise DataError(
            f"node {platform.node()} lacks the dataset, for which Ray's object store has no room: "
            f"{error.what}",
            where=error.where,
            expected=error.expected,
            hint=f"copy it there, or give Ray more memory; {error.hint}".removesuffix("; "),
        ) from error


@dataclass
class _Unsent:
    """The events of a job that have not been sent, in the order of the fields."""

    started: Started | None = None
    images_before: int = 0
    records: list[EpochRecord] = field(default_factory=list)
    checkpoint: RunState | None = None
    images: int = 0
    """Since the last epoch ended."""
    last: Finished | Released | Failed | None = None

    def events(self, run_id: str) -> Iterator[JobEvent]:
        if self.started:
            yield self.started
        if self.images_before:
            yield ImagesTrained(run_id, self.images_before)
        if self.records:
            yield EpochsFinished(run_id, tuple(self.records), self.checkpoint)
        if self.images:
            yield ImagesTrained(run_id, self.images)
        if self.last:
            yield self.last


class Outbox:
    """The events of a task that have not been sent.

    Epochs of a run are put together, and only the last checkpoint is kept: so a driver that has
    much to do is not sent more, and memory does not grow.

    Args:
        jobs: Whose events they are.
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.open = {job.id for job in jobs}
        """Ids of the jobs whose last event has not been taken."""
        self._ended = 0
        self._jobs = len(jobs)
        self._unsent: dict[str, _Unsent] = {}
        self._changed = Condition()

    def add(self, event: JobEvent) -> None:
        """Add an event; called by the threads of the engine."""
        with self._changed:
            unsent = self._unsent.setdefault(event.id, _Unsent())
            match event:
                case Started():
                    unsent.started = event
                case ImagesTrained():
                    unsent.images += event.count
                case EpochsFinished():
                    unsent.images_before += unsent.images
                    unsent.images = 0
                    unsent.records += event.records
                    unsent.checkpoint = event.checkpoint
                case Failed():
                    unsent.last = Failed(event.id, portable(event.error))
                case Lost():
                    raise AssertionError("a worker does not know that it is lost")
                case _:
                    unsent.last = event
                    unsent.checkpoint = None  # nothing resumes
            if unsent.last:
                self._ended += 1
                self._changed.notify_all()

    def take(self, seconds: float) -> list[JobEvent]:
        """Wait until all jobs have ended, or for so long; return the events since the last time."""
        with self._changed:
            self._changed.wait_for(lambda: self._ended >= self._jobs, seconds)
            unsent, self._unsent = self._unsent, {}
            self.open -= {run_id for run_id, each in unsent.items() if each.last}
            return [event for run_id, each in unsent.items() for event in each.events(run_id)]


def portable(error: BaseException) -> BaseException:
    """Return an error that can be sent to the driver, with its traceback unless it is for users."""
    if isinstance(error, SeedbedError):
        return error
    lines = "".join(traceback.format_exception(error))
    error.add_note(f"On node {platform.node()}:\n{lines}")
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 # what was just written
    except Exception:  # whatever its class does
        return ExecutionError(f"{type(error).__name__}: {error}", where="a worker")
    return error
