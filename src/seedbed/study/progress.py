"""How far a study is, while processes may be training it. Nothing is checked or written."""

import json
from dataclasses import dataclass
from typing import Final

from seedbed.study.plan import plan_runs
from seedbed.study.store.study import StudyStore

SHOWN: Final = 3
"""Runs in progress whose epochs are listed."""


@dataclass(frozen=True)
class StudyProgress:
    """How far the runs of a study are."""

    done: int
    """Runs that have finished or diverged."""
    in_progress: tuple[tuple[int, int], ...]
    """Of every run that has begun and not ended: finished epochs, and all epochs."""
    waiting: tuple[int, ...]
    """The epochs of every run that has not begun."""
    done_epochs: int
    """Epochs of the runs that are done."""

    @property
    def runs(self) -> int:
        """All of the study."""
        return self.done + len(self.in_progress) + len(self.waiting)

    @property
    def complete(self) -> bool:
        """Whether every run is done."""
        return self.done == self.runs

    @property
    def fraction(self) -> float:
        """Finished epochs, of all."""
        total = self.done_epochs + sum(of for _, of in self.in_progress) + sum(self.waiting)
        return (self.done_epochs + sum(finished for finished, _ in self.in_progress)) / total

    def __str__(self) -> str:
        """Say it in a sentence without its full stop."""
        text = f"{self.done} of {self.runs} run{'' if self.runs == 1 else 's'} done"
        if not self.in_progress:
            return text
        furthest = sorted(self.in_progress, reverse=True)
        shown = ", ".join(f"epoch {finished} of {of}" for finished, of in furthest[:SHOWN])
        more = f" and {len(furthest) - SHOWN} more" if len(furthest) > SHOWN else ""
        return f"{text}; in progress: {shown}{more}"


def read_progress(store: StudyStore) -> StudyProgress:
    """Return how far a study is.

    Raises:
        StoreError: If there is no study, or its ``study.toml`` cannot be read.
        StudyError: If something in that cannot be used.

    """
    done, done_epochs, in_progress, waiting = 0, 0, [], []
    for run in plan_runs(store.read_study()):
        epochs = run.configuration.recipe.epochs
        stored = store.run(run.id)
        try:
            status = json.loads(stored.record_file.read_bytes())["status"]
        except (OSError, ValueError, KeyError, TypeError):  # not begun, or to be trained again
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
