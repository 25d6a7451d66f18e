"""The executor contract: where the runs of a study are trained, and what is promised.

The driver (:mod:`seedbed.execution.driver`) knows the study and is the only one that writes it. An
executor trains: in this process (:mod:`seedbed.execution.local`), in others, or on other machines.
It takes jobs and answers with events.

* A job holds a run's id, settings and checkpoint, never images. Images are found by their
  fingerprint where the job runs.
* ``submit`` returns at once. It may be called again while earlier jobs are in progress.
* Just before a job is started, and in the driver's process, the executor calls its ``claim``. The
  job that this returns is the one to train; ``None`` means that another process has the run. Then
  the job ends with :class:`Released`. Few jobs are claimed ahead of their training, so that several
  processes can share a study.
* Events of one job come in the order in which they happened: :class:`Started`, then
  :class:`ImagesTrained` and :class:`EpochFinished`. The last is exactly one of :class:`Finished`,
  :class:`Released`, :class:`Failed` and :class:`Lost`.
* ``next_event`` is called from one thread. An executor waits when many events have not been taken,
  so that a slow disk does not fill the memory.
* The result of a job depends on the job alone: not on the other jobs, on where it is trained, or on
  how often it was resumed. :class:`seedbed.training.engine.Engine` promises that for engines.
* A worker that dies loses its jobs and nothing else: each ends with :class:`Lost`, and the driver
  submits it again from the last checkpoint that was reported. An error in a job ends it with
  :class:`Failed`; the same would happen again, so the driver stops.
* ``stop`` ends all jobs and returns when nothing is being trained. Afterwards there are no events;
  what had not been taken is dropped. It may be called twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from seedbed.study.plan import PlannedRun
from seedbed.study.store.record import RunRecord, new_record, sample_fields
from seedbed.training.engine import Engine, EpochRecord, RunResult, RunState, RunTask


@dataclass(frozen=True)
class Job:
    """A run to train: a configuration and a seed, from the start or from a checkpoint."""

    run: PlannedRun
    checkpoint: RunState | None = None
    keep_logits: tuple[str, ...] = ("test",)
    """The splits whose logits belong to the result."""

    @property
    def id(self) -> str:
        """Of the run."""
        return self.run.id


@dataclass(frozen=True)
class Started:
    """A worker has begun, or resumed, a job."""

    id: str
    record: RunRecord
    """Of the run: what trains it and where, and what it learns from."""


@dataclass(frozen=True)
class ImagesTrained:
    """So many more images of the current epoch have been trained on."""

    id: str
    count: int


@dataclass(frozen=True)
class EpochFinished:
    """An epoch is over; the run can be resumed from here."""

    id: str
    record: EpochRecord
    checkpoint: RunState


@dataclass(frozen=True)
class Finished:
    """The run has ended, by its last epoch or because it diverged."""

    id: str
    result: RunResult


@dataclass(frozen=True)
class Released:
    """The job was not started, because its claim failed."""

    id: str


@dataclass(frozen=True)
class Failed:
    """The job has raised an error."""

    id: str
    error: BaseException


@dataclass(frozen=True)
class Lost:
    """The worker is gone, and what it had not reported with it."""

    id: str
    reason: str
    """In a few words, as in ``killed by signal 9``."""


Event: TypeAlias = Started | ImagesTrained | EpochFinished | Finished | Released | Failed | Lost

Claim: TypeAlias = Callable[[Job], Job | None]
"""Called with a job that is about to start; see the contract."""


class Executor(Protocol):
    """Where runs are trained."""

    engine: Engine
    """What the workers train with, as it is made here: the driver checks networks with it."""

    def submit(self, jobs: Sequence[Job], claim: Claim) -> None:
        """Take jobs, which are best started in this order."""

    def next_event(self, timeout: float) -> Event | None:
        """Return the next event, or ``None`` if there is none for ``timeout`` seconds."""

    def stop(self) -> None:
        """End all jobs, and return when nothing is being trained."""


class Reporter:
    """An engine's observer that reports to a driver; for use where an engine runs.

    Args:
        jobs: In the order of the engine's tasks.
        engine: What trains.
        report: Takes each event, from the engine's threads.
    """

    def __init__(
        self, jobs: Sequence[Job], engine: Engine, report: Callable[[Event], None]
    ) -> None:
        self._ids = [job.id for job in jobs]
        self._engine = engine
        self._report = report
        self.open = set(self._ids)
        """Ids of the jobs that have not ended."""

    def start(self, job: Job, task: RunTask) -> None:
        """Report that a job is being trained."""
        record = new_record(job.run, task, self._engine)
        self._report(Started(job.id, record.model_copy(update=sample_fields(task))))

    def claim(self, job: Job, task: RunTask, claim: Claim) -> RunTask | None:
        """Claim a job and report its start; return its task, or ``None`` if the claim failed."""
        claimed = claim(job)
        if claimed is None:
            self._end(Released(job.id))
            return None
        task = replace(task, state=claimed.checkpoint)
        self.start(job, task)
        return task

    def images_trained(self, run: int, count: int) -> None:
        """See :class:`seedbed.training.engine.Observer`."""
        self._report(ImagesTrained(self._ids[run], count))

    def epoch_finished(self, run: int, record: EpochRecord, state: RunState) -> None:
        """See :class:`seedbed.training.engine.Observer`."""
        self._report(EpochFinished(self._ids[run], record, state))

    def run_finished(self, run: int, result: RunResult) -> None:
        """See :class:`seedbed.training.engine.Observer`."""
        self._end(Finished(self._ids[run], result))

    def fail(self, error: BaseException) -> None:
        """Report every job that has not ended, if there is one, as failed."""
        for run_id in sorted(self.open):
            self._end(Failed(run_id, error))

    def _end(self, event: Finished | Released | Failed) -> None:
        self.open.discard(event.id)
        self._report(event)
