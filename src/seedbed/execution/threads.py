"""How many cores to use."""

import os
from typing import Final

from seedbed.core.arguments import whole
from seedbed.core.errors import StudyError

MAX_THREADS: Final = 4096
"""More cores than any machine has now; a larger number is most likely a mistake."""


def available_cores() -> int:
    """Return the number of cores available to this process."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cores_to_use(threads: int | None) -> int:
    """Return the number of cores to use: the one that was asked for, or all.

    Raises:
        StudyError: If it is no number from 1 to :data:`MAX_THREADS`.
    """
    if threads is None:
        return available_cores()
    cores = whole("threads", threads, minimum=1)
    if cores > MAX_THREADS:
        raise StudyError(
            f"cannot use {cores} threads", where="threads", expected=f"1 to {MAX_THREADS}"
        )
    return cores
