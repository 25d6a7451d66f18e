"""Threads that write the ends of runs, so that the driver need not wait for the disk."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Final, TypeAlias

THREADS: Final = 4
"""Most of a write is waiting for the disk, which serves several at a time."""
MAX_WAITING: Final = 16
"""Writes that may be waiting at once; each holds the files of a run."""

Write: TypeAlias = Callable[[], None]


class Writer:
    """Does writes in other threads, in about the order in which they come."""

    def __init__(self) -> None:
        # Not Queue: Ctrl-C while its get() reacquires a lock would raise a RuntimeError.
        self._writes: SimpleQueue[Write | None] = SimpleQueue()
        self._room: SimpleQueue[None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._errors: list[BaseException] = []
        for _ in range(MAX_WAITING):
            self._room.put(None)

    def submit(self, write: Write) -> None:
        """Do a write soon; waits if many are waiting.

        Raises:
            BaseException: The error of an earlier write, if there was one.
        """
        self._raise()
        if len(self._threads) < THREADS:
            # A daemon: what it leaves if Ctrl-C comes before it is waited for, a kill leaves, too.
            thread = Thread(target=self._work, name="seedbed-writer", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._room.get()
        self._writes.put(write)

    def close(self) -> None:
        """Return when everything is written.

        Raises:
            BaseException: The first error of a write that was not raised before.
        """
        if self._threads:
            self._writes.put(None)
            while self._threads:
                if self._threads[-1].is_alive():  # not if Ctrl-C came before it started
                    self._threads[-1].join()
                self._threads.pop()
            self._writes.get()
        self._raise()

    def _raise(self) -> None:
        if self._errors:
            raise self._errors.pop(0)

    def _work(self) -> None:
        while (write := self._writes.get()) is not None:
            try:
                write()
            except BaseException as error:  # raised in the driver's thread
                self._errors.append(error)
            self._room.put(None)
        self._writes.put(None)  # for the next thread
