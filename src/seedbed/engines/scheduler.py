"""Scheduling of jobs on worker threads, step by step, so that all workers finish together.

Jobs start in order, except that a job which would outlast all others goes first, as in McNaughton's
rule for preemptive scheduling (1959, "Scheduling with deadlines and loss functions"). Five equal
runs on two cores take two and a half times as long as one run, not three times.
"""

from collections.abc import Callable, Sequence
from threading import Condition, Event, Thread
from typing import Generic, Protocol, TypeVar

from seedbed.engines.job_queue import JobQueue


class Job(Protocol):
    """Work that is done in steps."""

    @property
    def remaining_work(self) -> float:
        """In a unit that all jobs share; 0 once the job has ended."""


JobType = TypeVar("JobType", bound=Job)


class Scheduler(Generic[JobType]):
    """Runs the steps of jobs on worker threads until no job has work left.

    Args:
        jobs: In the order in which to start them.
        step: Performs the next step of a job. Only one thread at a time calls it for a job. It must
            return early, without an error, when ``stop`` is set.
        stop: Stops the work early. The scheduler sets it when a step raises an error.
    """

    def __init__(
        self, jobs: Sequence[JobType], step: Callable[[JobType], None], stop: Event
    ) -> None:
        self._jobs = jobs
        self._step = step
        self._stop = stop
        self._queue = JobQueue([job.remaining_work for job in jobs])
        self._changed = Condition()
        self._failure: BaseException | None = None

    def run(self, workers: int) -> None:
        """Run the jobs on this many threads until all are done or ``stop`` is set.

        Raises:
            BaseException: The first error of a step, after all workers have returned.
        """
        threads = [Thread(target=self._work, args=(workers,)) for _ in range(workers)]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                thread.join()
        except BaseException:  # Ctrl-C must leave no thread behind
            self._stop.set()
            for thread in threads:
                thread.join()
            raise
        if self._failure is not None:
            raise self._failure

    def _work(self, workers: int) -> None:
        while (position := self._next_job(workers)) is not None:
            try:
                self._step(self._jobs[position])
            except BaseException as error:  # run() raises it again
                self._fail(error)
            with self._changed:
                self._queue.put_back(position, self._jobs[position].remaining_work)
                self._changed.notify_all()

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            self._failure = self._failure or error
        self._stop.set()

    def _next_job(self, workers: int) -> int | None:
        """Wait for a job that no other worker is running; return ``None`` if there are no more."""
        with self._changed:
            while not self._stop.is_set() and not self._queue.ended:
                if len(self._queue):
                    position, _ = self._queue.take(workers)
                    return position
                self._changed.wait()
            self._changed.notify_all()
            return None
