"""How a study goes on, live in a terminal or in plain lines elsewhere; on standard error.

What the methods are for is said in :class:`seedbed.study.execute.Monitor`.
"""
# ruff: noqa: D102

import sys
import time
from collections.abc import Callable, Sequence
from typing import Final, TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from seedbed.report.escape import printable
from seedbed.study.execute import Monitor, RunProgress
from seedbed.training.engine import EpochRecord

PLAIN_INTERVAL: Final = 5.0
"""Seconds between two plain lines about the same run."""


def choose_monitor(*, quiet: bool) -> Monitor:
    """Return the monitor that suits where standard error goes."""
    if quiet:
        return QuietMonitor()
    console = Console(stderr=True)
    return LiveMonitor(console) if console.is_terminal else PlainMonitor()


class QuietMonitor:
    """Only what the user has to know."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr

    def notice(self, text: str) -> None:
        print(f"seedbed: {printable(text)}", file=self._stream, flush=True)

    def begin(self, runs: Sequence[RunProgress], ended: int) -> None:
        pass

    def images_trained(self, run: int, count: int) -> None:
        pass

    def epoch_finished(self, run: int, record: EpochRecord) -> None:
        pass

    def run_finished(self, run: int, diverged_epoch: int | None) -> None:
        pass

    def tick(self) -> None:
        pass

    def end(self) -> None:
        pass


class PlainMonitor(QuietMonitor):
    """A line for an epoch now and then, and one for the end of each run."""

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(stream)
        self._clock = clock
        self._runs: Sequence[RunProgress] = ()
        self._spoken: list[float | None] = []
        self._last: list[EpochRecord | None] = []

    def begin(self, runs: Sequence[RunProgress], ended: int) -> None:
        self._runs = runs
        self._spoken = [None] * len(runs)
        self._last = [None] * len(runs)
        self._say(_summary(runs, ended))

    def epoch_finished(self, run: int, record: EpochRecord) -> None:
        self._last[run] = record
        now = self._clock()
        last = self._spoken[run]
        if last is None:
            last = self._spoken[run] = now - record.seconds  # when the run began
        if now - last >= PLAIN_INTERVAL and record.epoch < self._runs[run].epochs:
            self._spoken[run] = now
            speed = self._runs[run].images / max(record.seconds, 1e-9)
            left = record.seconds * (self._runs[run].epochs - record.epoch)
            self._say(
                f"seed {self._runs[run].seed}: epoch {record.epoch}/{self._runs[run].epochs}, "
                f"{_accuracies(record)}, {speed:,.0f} images/s, {left:,.0f} s left"
            )

    def run_finished(self, run: int, diverged_epoch: int | None) -> None:
        last = self._last[run]
        if diverged_epoch is not None:
            self._say(f"seed {self._runs[run].seed}: diverged in epoch {diverged_epoch}")
        else:
            accuracies = f", {_accuracies(last)}" if last else ""
            self._say(f"seed {self._runs[run].seed}: finished{accuracies}")

    def _say(self, text: str) -> None:
        print(printable(text), file=self._stream, flush=True)


class LiveMonitor:
    """A bar a run, redrawn from the thread that waits; the engine's threads only count."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[status]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            auto_refresh=False,
            transient=True,
        )
        self._bars: list[_Bar] = []
        self._total = TaskID(0)

    def notice(self, text: str) -> None:
        self._console.print(f"seedbed: {escape(printable(text))}", highlight=False, soft_wrap=True)

    def begin(self, runs: Sequence[RunProgress], ended: int) -> None:
        self._console.print(_summary(runs, ended), highlight=False)
        if not runs:
            return
        self._bars = [_Bar(run, self._progress) for run in runs]
        self._total = self._progress.add_task(
            "all", total=sum(bar.total for bar in self._bars), completed=self._done(), status=""
        )
        self._progress.start()

    def images_trained(self, run: int, count: int) -> None:
        self._bars[run].in_epoch += count

    def epoch_finished(self, run: int, record: EpochRecord) -> None:
        self._bars[run].epoch_finished(record)

    def run_finished(self, run: int, diverged_epoch: int | None) -> None:
        self._bars[run].diverged_epoch = diverged_epoch
        self._bars[run].finished = True

    def tick(self) -> None:
        # With more runs than lines, those that are being trained are shown.
        crowded = len(self._bars) > self._console.height - 3
        for bar in self._bars:
            bar.draw(visible=not crowded or (bar.begun and not bar.finished))
        self._progress.update(self._total, completed=self._done())
        speed = self._progress.tasks[-1].speed
        if speed:
            self._progress.update(self._total, status=f"{speed:,.0f} images/s")
        self._progress.refresh()

    def end(self) -> None:
        if self._bars:
            self.tick()
        self._progress.stop()

    def _done(self) -> int:
        """Return the images of all runs that need not be trained on any more."""
        return sum(bar.total if bar.finished else bar.completed for bar in self._bars)


class _Bar:
    """One run's line. Counted by the engine's threads, drawn by another."""

    def __init__(self, run: RunProgress, progress: Progress) -> None:
        self._run = run
        self._progress = progress
        self._record: EpochRecord | None = None
        self.epochs_done = run.epochs_done
        self.in_epoch = 0
        self.finished = False
        self.diverged_epoch: int | None = None
        self.total = run.epochs * run.images
        self._task = progress.add_task(
            f"seed {run.seed}", total=self.total, completed=self.completed, status=self._status()
        )

    @property
    def completed(self) -> int:
        """Images trained on, over all epochs."""
        return self.epochs_done * self._run.images + self.in_epoch

    @property
    def begun(self) -> bool:
        """Whether this process has trained on any of its images."""
        return self.in_epoch > 0 or self._record is not None

    def epoch_finished(self, record: EpochRecord) -> None:
        self._record = record
        self.epochs_done = record.epoch
        self.in_epoch = 0

    def draw(self, *, visible: bool) -> None:
        self._progress.update(
            self._task, completed=self.completed, status=self._status(), visible=visible
        )

    def _status(self) -> str:
        if self.diverged_epoch is not None:
            return f"diverged in epoch {self.diverged_epoch}"
        status = f"epoch {self.epochs_done}/{self._run.epochs}"
        return f"{status}, {_accuracies(self._record)}" if self._record else status


def _accuracies(record: EpochRecord) -> str:
    return f"train {100 * record.train_accuracy:.2f} %, test {100 * record.test_accuracy:.2f} %"


def _summary(runs: Sequence[RunProgress], ended: int) -> str:
    """Return what is about to be done, in one line."""
    parts = []
    if ended:
        parts.append(f"{_runs(ended)} had ended before")
    resumed = sum(run.epochs_done > 0 for run in runs)
    if resumed:
        parts.append(f"{_runs(resumed)} to go on with")
    if len(runs) > resumed:
        parts.append(f"{_runs(len(runs) - resumed)} to train")
    return ", ".join(parts)


def _runs(count: int) -> str:
    return "1 run" if count == 1 else f"{count} runs"
