"""How far a study is, while another process may be training it. Nothing is checked or written."""

import json
from dataclasses import dataclass

from seedbed.study.plan import plan_runs
from seedbed.study.store.study import StudyStore


@dataclass(frozen=True)
class Standing:
    """How far the runs of a study are."""

    ended: int
    """Runs that are over, well or not."""
    begun: tuple[tuple[int, int], ...]
    """Of every run that has begun and not ended: the epochs that are done, and all of them."""
    waiting: tuple[int, ...]
    """The epochs of every run that has not begun."""
    ended_epochs: int
    """Epochs of the runs that have ended."""

    @property
    def runs(self) -> int:
        """All of the study."""
        return self.ended + len(self.begun) + len(self.waiting)

    @property
    def done(self) -> bool:
        """Whether every run has ended."""
        return self.ended == self.runs

    @property
    def fraction(self) -> float:
        """Epochs that are done, of all."""
        total = self.ended_epochs + sum(of for _, of in self.begun) + sum(self.waiting)
        return (self.ended_epochs + sum(done for done, _ in self.begun)) / total

    def __str__(self) -> str:
        """Say it in a sentence without its full stop."""
        text = f"{self.ended} of {self.runs} runs {'has' if self.ended == 1 else 'have'} ended"
        if not self.begun:
            return text
        furthest = sorted(self.begun, reverse=True)
        shown = ", ".join(f"epoch {done} of {of}" for done, of in furthest[:3])
        more = f" and {len(furthest) - 3} more" if len(furthest) > 3 else ""
        return f"{text}; begun, with so much done: {shown}{more}"


def read_standing(store: StudyStore) -> Standing:
    """Return how far a study is.

    Raises:
        StoreError: If there is no study, or its ``study.toml`` cannot be read.
        StudyError: If something in that cannot be used.

    """
    ended, ended_epochs, begun, waiting = 0, 0, [], []
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
            begun.append((min(lines, epochs), epochs))
        else:
            ended += 1
            ended_epochs += epochs
    return Standing(ended, tuple(begun), tuple(waiting), ended_epochs)
