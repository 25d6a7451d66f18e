"""The amount of work done, and the time left."""

from collections.abc import Sequence

from seedbed.execution.monitor import RunProgress


class Work:
    """The amount of work done, in images.

    All images of a run that diverges, or that another process trains, count as done.
    """

    def __init__(self, runs: Sequence[RunProgress], started: float) -> None:
        self._totals = [run.epochs * run.images for run in runs]
        self._images = [run.images for run in runs]
        self._done = [run.epochs_done * run.images for run in runs]
        self._finished = [False] * len(runs)
        self._started = started
        self._trained = [0] * len(runs)
        self.total = sum(self._totals)

    @property
    def done(self) -> int:
        """Images done, over all runs and epochs."""
        return sum(self._done)

    @property
    def count(self) -> str:
        """The number of finished runs, as in ``2 of 5 runs``."""
        return f"{sum(self._finished)} of {count_runs(len(self._totals))}"

    def images_trained(self, run: int, count: int) -> None:
        """Count images that a run has just trained on."""
        self._done[run] = min(self._done[run] + count, self._totals[run])
        self._trained[run] += count

    def epoch_finished(self, run: int, epochs: int) -> None:
        """Count the images of the first ``epochs`` epochs of a run."""
        self._done[run] = epochs * self._images[run]

    def run_finished(self, run: int) -> None:
        """Count the whole run: it has ended, or another process is training it."""
        self._done[run] = self._totals[run]
        self._finished[run] = True

    def seconds_left(self, now: float) -> float:
        """Return the seconds left at the average speed so far."""
        return (self.total - self.done) * (now - self._started) / max(sum(self._trained), 1)


def duration(seconds: float) -> str:
    """Return a rounded duration: ``0.4 s``, ``8 s``, ``2 min 30 s``, ``1 h 5 min``."""
    if 0 < seconds < 1:
        return f"{max(seconds, 0.1):.1f} s"
    if round(seconds) < 600:
        minutes, rest = divmod(round(seconds), 60)
        units = {"min": minutes, "s": rest}
    else:
        hours, minutes = divmod(round(seconds / 60), 60)
        units = {"h": hours, "min": minutes}
    return " ".join(f"{count} {unit}" for unit, count in units.items() if count) or "0 s"


def count_runs(count: int) -> str:
    """Return ``1 run`` or ``5 runs``."""
    return "1 run" if count == 1 else f"{count} runs"
