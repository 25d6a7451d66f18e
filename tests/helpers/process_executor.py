"""A second executor: each job in a process of its own, which finds the images itself."""

import multiprocessing
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Event as Flag
from typing import Any

from seedbed.execution.executor import Claim, Event, Failed, Finished, Job, Lost, Released, Reporter
from seedbed.training.engine import Engine

SPAWN = multiprocessing.get_context("spawn")


class ProcessExecutor:
    """Trains up to ``workers`` jobs at a time.

    Args:
        make_engine: Makes the engine, here and in each worker.
        workers: Processes at a time.
    """

    def __init__(self, make_engine: Callable[[], Engine], workers: int = 2) -> None:
        self.engine = make_engine()
        self._make_engine = make_engine
        self._free = workers
        self._waiting: list[tuple[Job, Claim]] = []
        self._ready: list[Event] = []
        self._workers: dict[Any, tuple[str, BaseProcess]] = {}

    @property
    def processes(self) -> list[BaseProcess]:
        """Those that are training now."""
        return [process for _, process in self._workers.values()]

    def submit(self, jobs: Sequence[Job], claim: Claim) -> None:
        self._waiting += [(job, claim) for job in jobs]

    def next_event(self, timeout: float) -> Event | None:
        self._start_waiting()
        if not self._ready:
            for end in wait(list(self._workers), timeout):
                self._receive(end)
        return self._ready.pop(0) if self._ready else None

    def stop(self) -> None:
        for _, process in self._workers.values():
            process.kill()
            process.join()
        self._workers, self._waiting, self._ready = {}, [], []

    def _start_waiting(self) -> None:
        while self._waiting and len(self._workers) < self._free:
            job, claim = self._waiting.pop(0)
            claimed = claim(job)
            if claimed is None:
                self._ready.append(Released(job.id))
                continue
            here, there = SPAWN.Pipe(duplex=False)
            process = SPAWN.Process(target=_work, args=(claimed, self._make_engine, there))
            process.start()
            there.close()
            self._workers[here] = job.id, process

    def _receive(self, end: Any) -> None:
        run_id, process = self._workers[end]
        try:
            event: Event = end.recv()
        except (EOFError, ConnectionError):
            process.join()
            event = Lost(run_id, f"exit status {process.exitcode}")
        self._ready.append(event)
        if isinstance(event, Finished | Failed | Lost):
            del self._workers[end]
            process.join()


def _work(job: Job, make_engine: Callable[[], Engine], end: "Connection[Any, Any]") -> None:
    """Train one job; called in its process."""
    Reporter([job], make_engine(), end.send).train(
        lambda job: job.run.configuration.dataset.load(), lambda job: job, threads=1, stop=Flag()
    )
