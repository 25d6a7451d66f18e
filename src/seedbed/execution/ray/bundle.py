"""The jobs of one Ray task: how many, and on how many cores.

A task costs a few milliseconds of the driver, so runs of less than three seconds are bundled. Where
there are fewer jobs than cores, a task gets several, if the engine can share a run among them.
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from seedbed.execution.executor import EpochsFinished, Job
from seedbed.training.engine import Engine, EngineFacts

SECONDS: Final = 3.0
"""About how long a bundle of short runs takes: a task costs the driver as much as many of them."""
MAX_JOBS: Final = 64
"""In a bundle; on a GPU the torch engine trains as many runs at once."""


@dataclass(frozen=True)
class Bundle:
    """What a worker needs to train some jobs, besides their images."""

    jobs: Sequence[Job]
    make_engine: Callable[[], Engine]
    cores: int
    interval: float
    """Seconds between two reports to the driver."""


class Durations:
    """How long runs take, from the epochs that have ended so far."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=MAX_JOBS)

    def add(self, event: EpochsFinished) -> None:
        """Take the epochs of a run into account."""
        self._seconds += [record.seconds for record in event.records]

    def jobs_at_once(self, job: Job) -> int:
        """Return how many jobs like this one take about so long; 1 if that is not known.

        The slowest of the last epochs counts, because other configurations may be slower.
        """
        if not self._seconds:
            return 1
        run = max(self._seconds) * job.run.configuration.recipe.epochs
        return max(1, min(MAX_JOBS, math.floor(SECONDS / max(run, 1e-9))))


def cores_wanted(job: Job, facts: EngineFacts) -> int:
    """Return how many cores can share the run of a job."""
    if facts.images_a_core is None:
        return 1
    return math.ceil(job.run.configuration.recipe.batch_size / facts.images_a_core)
