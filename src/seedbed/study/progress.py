"""The progress of a study that other processes may be training; no file is verified or written."""

from dataclasses import dataclass
from typing import Final

from seedbed.core.parsing import parse_json
from seedbed.study.plan import plan_runs
from seedbed.study.store.study import StudyStore

MAX_LISTED: Final = 3
"""Runs in progress whose epochs are listed."""


@dataclass(frozen=True)
class StudyProgress:
    """The progress of the runs of a study."""

    done: int
    """Runs that have finished or diverged."""
    in_progress: tuple[tuple[int, int], ...]
    """For each run that has started and not ended: finished epochs, total epochs."""
    waiting: tuple[int, ...]
    """For each run that has not started: total epochs."""
    done_epochs: int
    """Total epochs of the runs that are done."""

    @property
    def runs(self) -> int:
        """Number of runs of the study."""
        return self.done + len(self.in_progress) + len(self.waiting)

    @property
    def complete(self) -> bool:
        """Whether every run is done."""
        return self.done == self.runs

    @property
    def fraction(self) -> float:
        """Finished epochs, as a fraction of all epochs."""
        total = self.done_epochs + sum(of for _, of in self.in_progress) + sum(self.waiting)
        return (self.done_epochs + sum(finished for finished, _ in self.in_progress)) / total

    def __str__(self) -> str:
        """Return the progress as a sentence without a period."""
        text = f"{self.done} of {self.runs} run{'' if self.runs == 1 else 's'} done"
        if not self.in_progress:
            return text
        furthest = sorted(self.in_progress, reverse=True)
        listed = ", ".join(f"epoch {finished} of {of}" for finished, of in furthest[:MAX_LISTED])
        others = len(furthest) - MAX_LISTED
        return f"{text}; in progress: {listed}" + (f" and {others} more" if others > 0 else "")


def read_progress(store: StudyStore) -> StudyProgress:
    """Return the progress of a study.

    Raises:
        StoreError: If there is no study, or its ``study.toml`` cannot be read.
        StudyError: If ``study.toml`` is invalid.

    """
    done, done_epochs, in_progress, waiting = 0, 0, [], []
    for run in plan_runs(store.read_study()):
        epochs = run.configuration.recipe.epochs
        stored = store.run(run.id)
        try:
            status = parse_json(stored.record_file.read_bytes())["status"]
        except (
            OSError,
            ValueError,
            KeyError,
            TypeError,
        ):  # not started, or damaged and to be trained again
            waiting.append(epochs)
            continue
        if status == "running":
            try:
                lines = stored.history_file.read_bytes().count(b"\n")
            except OSError:
                lines = 0
            in_progress.append((min(lines, epochs), epochs))
        else:
            done += 1
            done_epochs += epochs
    return StudyProgress(done, tuple(in_progress), tuple(waiting), done_epochs)
