"""Scheduling of jobs on cores, step by step, so that all cores finish together.

Jobs start in order, except that a job which would outlast all others goes first, as in McNaughton's
rule for preemptive scheduling (1959, "Scheduling with deadlines and loss functions"). Five equal
runs on two cores take two and a half times as long as one run, not three.

Cores go to jobs first, because jobs do not wait for each other. Once there are fewer jobs than
cores, each next step gets several: so many that jobs with equal work left end together.
"""

import math
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
        step: Performs the next step of a job on a number of cores. Only one worker at a time calls
            it for a job. It must return early, without an error, when ``stop`` is set.
        stop: Stops the work early. The scheduler sets it when a step raises an error.
        cores: To share among the jobs, 1 or more.
    """

    def __init__(
        self,
        jobs: Sequence[JobType],
        step: Callable[[JobType, int], None],
        stop: Event,
        *,
        cores: int,
    ) -> None:
        self._jobs = jobs
        self._step = step
        self._stop = stop
        self._cores = cores
        self._free = cores
        self._queue = JobQueue([job.remaining_work for job in jobs])
        self._changed = Condition()
        self._failure: BaseException | None = None

    def run(self) -> None:
        """Run the jobs until all are done or ``stop`` is set.

        Raises:
            BaseException: The first error of a step, after all workers have returned.
        """
        workers = max(1, min(self._cores, len(self._jobs)))
        threads = [Thread(target=self._work) for _ in range(workers)]
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

    def _work(self) -> None:
        while (next_step := self._next_step()) is not None:
            position, cores = next_step
            try:
                self._step(self._jobs[position], cores)
            except BaseException as error:  # run() raises it again
                self._fail(error)
            with self._changed:
                self._queue.put_back(position, self._jobs[position].remaining_work)
                self._free += cores
                self._changed.notify_all()

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            self._failure = self._failure or error
        self._stop.set()

    def _next_step(self) -> tuple[int, int] | None:
        """Wait for a job that no other worker is running; return it and its cores.

        ``None`` if there are no more.
        """
        with self._changed:
            while not self._stop.is_set() and not self._queue.ended:
                if len(self._queue) and self._free:
                    position, left = self._queue.take(self._cores)
                    cores = self._share(left)
                    self._free -= cores
                    return position, cores
                self._changed.wait()
            self._changed.notify_all()
            return None

    def _share(self, left: float) -> int:
        """Return the cores for the next step of a job with so much work left.

        Jobs that wait need a core each first. A share that only rounding errors raise above a whole
        number is not rounded up.
        """
        share = self._cores * left / self._queue.work
        return max(1, min(math.ceil(share - 1e-6), self._free - len(self._queue)))
