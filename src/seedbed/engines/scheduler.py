"""Sharing runs among worker threads, an epoch at a time, so that all end at about the same time.

Runs are taken in their order, but one that would still be going when all the others are done is
taken first, which is how McNaughton (1959, "Scheduling with deadlines and loss functions")
schedules jobs that may be interrupted. So five runs on two cores take two and a half times as long
as one, not three, and a long run is never started last.
"""

from collections.abc import Callable, Sequence
from threading import Condition, Event, Thread
from typing import Generic, Protocol, TypeVar


class Job(Protocol):
    """Work that is done in steps."""

    @property
    def work_left(self) -> float:
        """In a unit that is the same for all jobs; 0 once the job has ended."""


JobType = TypeVar("JobType", bound=Job)


class Crew(Generic[JobType]):
    """Worker threads that take the steps of jobs until none has work left.

    Args:
        jobs: What is to be done, in the order in which it would best be finished.
        step: Does the next step of a job; called by one thread at a time for any one job. Returns
            early, and without an error, when ``stop`` is set.
        stop: Ends the work early. Also set by this class when a step fails.
    """

    def __init__(
        self, jobs: Sequence[JobType], step: Callable[[JobType], None], stop: Event
    ) -> None:
        self._jobs = jobs
        self._step = step
        self._stop = stop
        self._busy: set[int] = set()
        self._changed = Condition()
        self._failure: BaseException | None = None

    def work(self, threads: int) -> None:
        """Work with so many threads until the jobs are done or ``stop`` is set.

        Raises:
            BaseException: The first that a step raised; the other threads finish their steps early.
        """
        workers = [Thread(target=self._worker, args=(threads,)) for _ in range(threads)]
        for worker in workers:
            worker.start()
        try:
            for worker in workers:
                worker.join()
        except BaseException:  # Ctrl-C: no thread may be left behind
            self._stop.set()
            for worker in workers:
                worker.join()
            raise
        if self._failure is not None:
            raise self._failure

    def _worker(self, threads: int) -> None:
        while (position := self._take(threads)) is not None:
            try:
                self._step(self._jobs[position])
            except BaseException as error:  # raised again by work()
                self._fail(error)
            with self._changed:
                self._busy.discard(position)
                self._changed.notify_all()

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            self._failure = self._failure or error
        self._stop.set()

    def _take(self, threads: int) -> int | None:
        """Wait for a job that can be worked on; ``None`` when there will be none."""
        with self._changed:
            while not self._stop.is_set():
                left = [job.work_left for job in self._jobs]
                if not any(left):
                    return None
                free = [i for i, work in enumerate(left) if work and i not in self._busy]
                if free:
                    longest = max(free, key=lambda i: left[i])
                    critical = left[longest] * threads >= sum(left)
                    position = longest if critical else free[0]
                    self._busy.add(position)
                    return position
                self._changed.wait()
            self._changed.notify_all()
            return None
