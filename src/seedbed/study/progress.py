"""The progress of a study that other processes may be training; no file is verified or written."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from seedbed.core.parsing import parse_json
from seedbed.study.plan import PlannedRun, plan_runs
from seedbed.study.share import Share
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


def read_progress(store: StudyStore, runs: Sequence[PlannedRun] | None = None) -> StudyProgress:
    """Return the progress of a study.

    Args:
        store: The folder of the study.
        runs: Those of its runs to look at; all by default.

    Raises:
        StoreError: If there is no study, or its ``study.toml`` cannot be read.
        StudyError: If ``study.toml`` is invalid.

    """
    done, done_epochs, in_progress, waiting = 0, 0, [], []
    for run in plan_runs(store.read_study()) if runs is None else runs:
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


@dataclass(frozen=True)
class ShareProgress:
    """What a process has trained of its share of a study, and what is left of the whole."""

    share: Share
    folder: Path
    """Of the study."""
    trained: int
    """Runs of the share that have ended since the process started."""
    own: StudyProgress
    """Of the runs of the share."""
    others: StudyProgress
    """Of all other runs, as far as they are in the same folder."""

    @property
    def complete(self) -> bool:
        """Whether every run of the study has ended in this folder."""
        return self.own.complete and self.others.complete

    def __str__(self) -> str:
        """Return two sentences: about this share, and about the others."""
        own, others = self.own, self.others
        name = f"Share {self.share}"
        if not own.runs:
            text = f"{name} has no runs: the study has {_runs(others.runs)}."
        else:
            text = f"{name}: {own}, {self.trained} of them now."
        if others.complete:
            return text
        return f"{text} The other shares, in this folder: {others}."


def _runs(count: int) -> str:
    return f"{count} run{'' if count == 1 else 's'}"
