"""The executor contract: an executor trains jobs somewhere and reports events.

The driver (:mod:`seedbed.execution.driver`) knows the study and writes its results. An executor
trains: in this process (:mod:`seedbed.execution.local`), in other processes, or on other machines.

* A job holds a run's id, settings and checkpoint, but no images. The worker looks up the images by
  their fingerprint.
* ``submit`` returns immediately. It may be called again while earlier jobs are in progress.
* Just before a job starts, the executor calls ``claim`` in the driver's process, and trains the job
  that it returns. ``None`` means that another process has the run; the job then ends with
  :class:`Released`. An executor claims few jobs before it trains them, so that several processes
  can share a study.
* The events of a job arrive in order: :class:`Started`, then :class:`ImagesTrained` and
  :class:`EpochsFinished`. The last event is exactly one of :class:`Finished`, :class:`Released`,
  :class:`Failed` and :class:`Lost`. An executor whose workers are far away may report several
  epochs at once.
* ``next_event`` is called from one thread. An executor blocks when too many events are waiting, so
  that a slow disk does not fill the memory.
* The result of a job depends only on the job: not on other jobs, on where it is trained, or on how
  often it was resumed. :class:`seedbed.training.engine.Engine` guarantees this for engines. So a
  worker whose engine has other bits than the one that wrote the checkpoint starts anew.
* If a worker dies, each of its jobs ends with :class:`Lost`, and the driver submits the job again
  from the last reported checkpoint. An error in a job ends it with :class:`Failed`; since the error
  would happen again, the driver stops.
* ``stop`` ends all jobs and returns when no training is running. No events follow it; waiting ones
  are dropped. It may be called twice.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from threading import Event as Flag
from typing import TYPE_CHECKING, Protocol, TypeAlias

from seedbed.data.images import DatasetSplits
from seedbed.study.loaded import LoadedStudy, run_task
from seedbed.study.plan import PlannedRun
from seedbed.study.store.ended import EndedRun, Packer
from seedbed.study.store.record import EngineRecord, RunRecord, new_record, sample_fields
from seedbed.training.engine import Engine, EpochRecord, RunResult, RunState, RunTask

if TYPE_CHECKING:
    from seedbed.training.splits import Sample


@dataclass(frozen=True)
class Job:
    """A run to train: a configuration and its seeds, from the start or from a checkpoint."""

    run: PlannedRun
    checkpoint: RunState | None = None
    engine: EngineRecord | None = None
    """The engine that wrote the checkpoint."""
    keep_logits: tuple[str, ...] = ("test",)
    """The splits whose logits the result contains."""

    @property
    def id(self) -> str:
        """The id of the run."""
        return self.run.id


@dataclass(frozen=True)
class Started:
    """A worker has started or resumed a job."""

    id: str
    record: RunRecord
    """The record of the run, which describes its engine, machine and images."""
    epochs: int = 0
    """How many epochs its checkpoint has; 0 if it starts from the beginning."""


@dataclass(frozen=True)
class ImagesTrained:
    """The job has trained on ``count`` more images of the current epoch."""

    id: str
    count: int


@dataclass(frozen=True)
class EpochsFinished:
    """One or more epochs have ended; the run can be resumed from the checkpoint."""

    id: str
    records: tuple[EpochRecord, ...]
    checkpoint: RunState | None
    """The state after the last of them; may be ``None`` if the job's last event follows."""


@dataclass(frozen=True)
class Finished:
    """The run has ended, after its last epoch or because it diverged."""

    id: str
    ended: EndedRun


@dataclass(frozen=True)
class Released:
    """The job was not started, because its claim failed."""

    id: str


@dataclass(frozen=True)
class Failed:
    """The job raised an error."""

    id: str
    error: BaseException


@dataclass(frozen=True)
class Lost:
    """The worker died; the progress it had not reported is lost."""

    id: str
    reason: str
    """A few words, such as ``killed by signal 9``."""


Event: TypeAlias = Started | ImagesTrained | EpochsFinished | Finished | Released | Failed | Lost

Claim: TypeAlias = Callable[[Job], Job | None]
"""Called with a job that is about to start; see the module's docstring."""


class Executor(Protocol):
    """Where runs are trained."""

    engine: Engine
    """The engine of the workers; the driver checks networks with it."""

    def submit(self, jobs: Sequence[Job], claim: Claim) -> None:
        """Accept jobs, to be started preferably in this order."""

    def next_event(self, timeout: float) -> Event | None:
        """Return the next event, or ``None`` if there is none for ``timeout`` seconds."""

    def stop(self) -> None:
        """End all jobs, and return when no training is running."""


class MakeExecutor(Protocol):
    """Makes an executor for a study."""

    def __call__(
        self,
        study: LoadedStudy,
        engine: Engine,
        *,
        threads: int,
        notice: Callable[[str], None],
    ) -> Executor:
        """Return an executor.

        Args:
            study: The study.
            engine: The engine that trains it, as it is on this machine.
            threads: Cores of this machine to use.
            notice: Shows a message of one line to the user; may be called from any thread.

        Raises:
            SeedbedError: If there is nothing to train on.
        """


class Reporter:
    """An observer of an engine that reports events to the driver.

    Args:
        jobs: In the order of the engine's tasks.
        engine: The engine that trains them.
        report: Called with each event, from the engine's threads.
    """

    def __init__(
        self, jobs: Sequence[Job], engine: Engine, report: Callable[[Event], None]
    ) -> None:
        self._jobs = jobs
        self._ids = [job.id for job in jobs]
        self._engine = engine
        self._report = report
        self._packer = Packer()
        self._samples: dict[str, tuple[RunTask, Sample]] = {}
        self._records: dict[int, RunRecord] = {}
        self.open = set(self._ids)
        """Ids of the jobs that have not ended."""

    def train(
        self,
        dataset: Callable[[Job], DatasetSplits],
        claim: Claim,
        *,
        threads: int,
        stop: Flag,
    ) -> None:
        """Train the jobs, and report the end of each, also after an error.

        Args:
            dataset: Returns the images of a job.
            claim: Called just before a job starts.
            threads: Cores to use.
            stop: Stops the training early.
        """
        try:
            tasks = list(self._tasks(dataset, claim))
            self._engine.train(tasks, self, threads=threads, stop=stop)
        except BaseException as error:  # raised again by the driver
            self.fail(error)
        self.fail(RuntimeError("the engine returned before all runs had ended"))

    def _tasks(self, dataset: Callable[[Job], DatasetSplits], claim: Claim) -> Iterator[RunTask]:
        """Yield the task of each job; the runs of a configuration share its network."""
        shared: dict[int, RunTask] = {}
        for job in self._jobs:
            configuration = job.run.configuration
            task = shared.get(id(configuration)) or run_task(job.run, dataset(job))
            shared[id(configuration)] = task
            task = replace(task, seeds=job.run.seeds, keep_logits=job.keep_logits)
            yield replace(task, claim=partial(self._claim, job, task, claim))

    def _start(self, job: Job, task: RunTask) -> RunTask:
        """Report that the training of a job has started; return its task."""
        record = self._record(job.run, task)
        state = job.checkpoint
        if job.engine is not None and not job.engine.same_bits(record.engine):
            state = None  # it may mean something else here, and the result would mix both
        sample = task.sample()
        self._samples[job.id] = task, sample
        record = record.model_copy(update=sample_fields(task, sample))
        self._report(Started(job.id, record, state.epoch if state else 0))
        return replace(task, state=state)

    def _record(self, run: PlannedRun, task: RunTask) -> RunRecord:
        """Return the record of a run; those of a configuration share all that is the same in them.

        So they are made and sent to the driver in a fraction of the time.
        """
        first = self._records.get(id(run.configuration))
        if first is None:
            first = self._records[id(run.configuration)] = new_record(run, task, self._engine)
        own = {"id": run.id, "seed": run.seeds.key, "seeds": run.seeds.to_dict()}
        return first.model_copy(update={**own, "started": datetime.now(UTC)})

    def _claim(self, job: Job, task: RunTask, claim: Claim) -> RunTask | None:
        """Claim a job and report its start; return its task, or ``None`` if the claim failed."""
        claimed = claim(job)
        if claimed is None:
            self._end(Released(job.id))
            return None
        return self._start(claimed, task)

    def images_trained(self, run: int, count: int) -> None:
        """See :class:`seedbed.training.engine.Observer`."""
        self._report(ImagesTrained(self._ids[run], count))

    def epoch_finished(self, run: int, record: EpochRecord, state: RunState) -> None:
        """See :class:`seedbed.training.engine.Observer`."""
        self._report(EpochsFinished(self._ids[run], (record,), state))

    def run_finished(self, run: int, result: RunResult) -> None:
        """See :class:`seedbed.training.engine.Observer`."""
        task, sample = self._samples[self._ids[run]]
        labels = sample.labels if task.noise.active else None
        ended = self._packer.pack(result, task.splits(sample), labels)
        self._end(Finished(self._ids[run], ended))

    def fail(self, error: BaseException) -> None:
        """Report every job that has not ended as failed."""
        for run_id in sorted(self.open):
            self._end(Failed(run_id, error))

    def _end(self, event: Finished | Released | Failed) -> None:
        self.open.discard(event.id)
        self._samples.pop(event.id, None)
        self._report(event)
