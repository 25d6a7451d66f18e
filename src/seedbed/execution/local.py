"""The local executor: runs an engine in a thread of this process."""

from collections.abc import Mapping, Sequence
from queue import Empty, SimpleQueue
from threading import Event as StopFlag
from threading import Semaphore, Thread
from typing import Final

from seedbed.data.images import DatasetSplits
from seedbed.execution.executor import Claim, Event, Job, Reporter
from seedbed.training.engine import Engine

MAX_WAITING: Final = 16
"""Events that may be waiting at once; some hold the weights of a run."""
TICK: Final = 0.1
"""Seconds between two checks of the stop flag by a waiting thread."""


class LocalExecutor:
    """Trains jobs on this machine, as :class:`seedbed.execution.executor.Executor` promises.

    Args:
        engine: The engine.
        datasets: Images in memory, by fingerprint.
        threads: Cores to use. Does not change results.
    """

    def __init__(
        self, engine: Engine, datasets: Mapping[str, DatasetSplits], *, threads: int
    ) -> None:
        self.engine = engine
        self._datasets = datasets
        self._threads = threads
        # Not Queue: Ctrl-C while its get() reacquires a lock would raise a RuntimeError.
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._room = Semaphore(MAX_WAITING)
        self._stop = StopFlag()
        self._workers: list[Thread] = []

    def submit(self, jobs: Sequence[Job], claim: Claim) -> None:
        """Train the jobs together in a new thread."""
        worker = Thread(target=self._train, args=(jobs, claim), name="seedbed-engine")
        self._workers.append(worker)
        worker.start()

    def next_event(self, timeout: float) -> Event | None:
        """Return the next event, or ``None`` if there is none for ``timeout`` seconds."""
        try:
            event = self._events.get(timeout=timeout)
        except Empty:
            return None
        self._room.release()
        return event

    def stop(self) -> None:
        """End all jobs, and return when no training is running."""
        self._stop.set()
        for worker in self._workers:
            worker.join()

    def _train(self, jobs: Sequence[Job], claim: Claim) -> None:
        Reporter(jobs, self.engine, self._report).train(
            lambda job: self._datasets[job.run.configuration.fingerprint],
            claim,
            threads=self._threads,
            stop=self._stop,
        )

    def _report(self, event: Event) -> None:
        while not self._room.acquire(timeout=TICK):
            if self._stop.is_set():
                return
        self._events.put(event)
