"""The jobs that wait for a worker: which one is next, in O(log n) for n jobs."""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import Final

_FEW: Final = 64
"""Outdated entries that a heap may always have."""


class JobQueue:
    """Chooses the next job by its position and by its remaining work.

    Jobs start in order, except that one which would outlast all others goes first.

    Args:
        work: The remaining work of each job, in the order in which to start them; 0 for a job that
            has ended.
    """

    def __init__(self, work: Sequence[float]) -> None:
        self._waiting = {position: left for position, left in enumerate(work) if left}
        self._taken: dict[int, float] = {}
        self.work = float(sum(work))
        """Of all jobs, whether they wait or run."""
        # Entries of jobs that were taken from the other heap are outdated; they are skipped, and
        # removed before they outnumber the others.
        self._in_order: list[int] = []
        self._longest: list[tuple[float, int]] = []
        self._rebuild()

    def __len__(self) -> int:
        """Return the number of waiting jobs."""
        return len(self._waiting)

    @property
    def ended(self) -> bool:
        """Whether no job waits or runs."""
        return not self._waiting and not self._taken

    def take(self, cores: int) -> tuple[int, float]:
        """Return the position of the next job and its remaining work; at least one job waits.

        Args:
            cores: Among which all work is divided.
        """
        while self._waiting.get(self._longest[0][1]) != -self._longest[0][0]:
            heappop(self._longest)
        while self._in_order[0] not in self._waiting:
            heappop(self._in_order)
        longest, position = self._longest[0]
        if -longest * cores < self.work:
            position = self._in_order[0]
        self._taken[position] = left = self._waiting.pop(position)
        return position, left

    def put_back(self, position: int, left: float) -> None:
        """Let a job that was taken wait again, with what work it has left; 0 if it has ended."""
        self.work += left - self._taken.pop(position)
        if not left:
            return
        self._waiting[position] = left
        heappush(self._in_order, position)
        heappush(self._longest, (-left, position))
        if max(len(self._in_order), len(self._longest)) > 2 * len(self._waiting) + _FEW:
            self._rebuild()

    def _rebuild(self) -> None:
        self._in_order = list(self._waiting)
        self._longest = [(-left, position) for position, left in self._waiting.items()]
        heapify(self._in_order)
        heapify(self._longest)
