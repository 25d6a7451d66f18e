"""Monitors: bars in a terminal, one line in a notebook, plain lines in a log.

:class:`seedbed.execution.monitor.Monitor` documents the methods.
"""
# ruff: noqa: D102

import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final, TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.table import Column
from rich.text import Text

from seedbed.display.escape import printable
from seedbed.execution.monitor import Monitor, RunProgress
from seedbed.execution.work import Work, count_runs, duration
from seedbed.training.engine import EpochRecord

PLAIN_INTERVAL: Final = 5.0
"""Minimum seconds between two plain lines about the same run."""
MAX_VERBOSE_RUNS: Final = 10
"""With more runs than this, plain lines are printed only when runs end."""
NOTEBOOK_INTERVAL: Final = 0.5
"""Seconds between two updates of the line in a notebook."""


def choose_monitor(*, quiet: bool = False) -> Monitor:
    """Return the monitor for a notebook, a terminal or a log, whichever this process has."""
    if quiet:
        return QuietMonitor()
    console = Console(stderr=True)
    if console.is_jupyter:
        return NotebookMonitor()
    return LiveMonitor(console) if console.is_terminal else PlainMonitor()


class QuietMonitor:
    """Prints notices only."""

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

    def run_released(self, run: int) -> None:
        pass

    def tick(self) -> None:
        pass

    def end(self) -> None:
        pass


class PlainMonitor(QuietMonitor):
    """Prints a line when a run ends and, if there are few runs, after an epoch now and then."""

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(stream)
        self._clock = clock
        self._runs: Sequence[RunProgress] = ()
        self._work = Work((), 0.0)
        self._printed: list[float | None] = []
        self._last: list[EpochRecord | None] = []

    def begin(self, runs: Sequence[RunProgress], ended: int) -> None:
        self._runs = runs
        self._work = Work(runs, self._clock())
        self._printed = [None] * len(runs)
        self._last = [None] * len(runs)
        self._print(_summary(runs, ended))

    def images_trained(self, run: int, count: int) -> None:
        self._work.images_trained(run, count)

    def epoch_finished(self, run: int, record: EpochRecord) -> None:
        self._work.epoch_finished(run, record.epoch)
        self._last[run] = record
        now = self._clock()
        last = self._printed[run]
        if last is None:
            last = self._printed[run] = now - record.seconds  # when the run started
        due = now - last >= PLAIN_INTERVAL and record.epoch < self._runs[run].epochs
        if due and len(self._runs) <= MAX_VERBOSE_RUNS:
            self._printed[run] = now
            speed = self._runs[run].images / max(record.seconds, 1e-9)
            left = record.seconds * (self._runs[run].epochs - record.epoch)
            self._print(
                f"{self._runs[run].name}: epoch {record.epoch}/{self._runs[run].epochs}"
                f"{_accuracies(record)}, {speed:,.0f} images/s, {duration(left)} left"
            )

    def run_finished(self, run: int, diverged_epoch: int | None) -> None:
        self._work.run_finished(run)
        last = self._last[run]
        if diverged_epoch is not None:
            text = f"{self._runs[run].name}: diverged in epoch {diverged_epoch}"
        else:
            accuracies = _accuracies(last) if last else ""
            text = f"{self._runs[run].name}: finished{accuracies}"
        if len(self._runs) > MAX_VERBOSE_RUNS:
            left = self._work.seconds_left(self._clock())
            text = f"{self._work.count}, about {duration(left)} left; {text}"
        self._print(text)

    def run_released(self, run: int) -> None:
        self._work.run_finished(run)

    def _print(self, text: str) -> None:
        print(printable(text), file=self._stream, flush=True)


class NotebookMonitor(QuietMonitor):
    """Shows the overall progress in one line below the cell, updated in place."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._work = Work((), 0.0)
        self._best: float | None = None
        self._line: Any = None
        self._updated = 0.0

    def notice(self, text: str) -> None:
        print(printable(text))  # noqa: T201

    def begin(self, runs: Sequence[RunProgress], ended: int) -> None:
        self._work = Work(runs, self._clock())
        self._line = _display(_Text(_summary(runs, ended)), display_id=True)

    def images_trained(self, run: int, count: int) -> None:
        self._work.images_trained(run, count)

    def epoch_finished(self, run: int, record: EpochRecord) -> None:
        self._work.epoch_finished(run, record.epoch)
        if record.test_accuracy is not None:
            self._best = max(self._best or 0.0, record.test_accuracy)

    def run_finished(self, run: int, diverged_epoch: int | None) -> None:  # noqa: ARG002
        self._work.run_finished(run)

    def run_released(self, run: int) -> None:
        self._work.run_finished(run)

    def tick(self) -> None:
        if self._clock() - self._updated >= NOTEBOOK_INTERVAL:
            self._update()

    def end(self) -> None:
        if self._work.total:
            self._update()

    def _update(self) -> None:
        self._updated = self._clock()
        fraction = self._work.done / self._work.total
        parts = [f"{100 * fraction:.0f}%", self._work.count]
        if self._best is not None:
            parts.append(f"best test accuracy {100 * self._best:.2f}%")
        if fraction < 1:
            parts.append(f"about {duration(self._work.seconds_left(self._updated))} left")
        self._line.update(_Text(", ".join(parts)))


class _Text:
    """Plain text in a notebook, without quotation marks."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _display(shown: object, *, display_id: bool) -> Any:
    """Show an object below the cell, and return the handle that updates it."""
    display: Any = import_module("IPython.display").display  # installed in every notebook
    return display(shown, display_id=display_id)


class _TimeLeft(ProgressColumn):
    """The time left, with the word."""

    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        left = task.time_remaining
        return Text("" if left is None or task.finished else f"{duration(left)} left")


class LiveMonitor:
    """Shows a bar for each run that is being trained and one for all runs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            TextColumn("{task.description}", table_column=Column(no_wrap=True, ratio=1)),
            BarColumn(bar_width=20),
            TextColumn("{task.fields[status]}", table_column=Column(no_wrap=True)),
            _TimeLeft(table_column=Column(no_wrap=True)),
            console=console,
            auto_refresh=False,
            transient=True,
            expand=True,
        )
        self._work = Work((), 0.0)
        self._runs: Sequence[RunProgress] = ()
        self._bars: list[_Bar] = []
        self._total = TaskID(0)

    def notice(self, text: str) -> None:
        self._console.print(f"seedbed: {escape(printable(text))}", highlight=False, soft_wrap=True)

    def begin(self, runs: Sequence[RunProgress], ended: int) -> None:
        self._console.print(_summary(runs, ended), highlight=False)
        if not runs:
            return
        self._work = Work(runs, time.monotonic())
        self._total = self._progress.add_task(
            self._work.count, total=self._work.total, completed=self._work.done, status=""
        )
        self._runs = runs
        self._bars = [_Bar(run, self._progress) for run in runs]
        self._progress.start()

    def images_trained(self, run: int, count: int) -> None:
        self._work.images_trained(run, count)
        self._bars[run].in_epoch += count

    def epoch_finished(self, run: int, record: EpochRecord) -> None:
        self._work.epoch_finished(run, record.epoch)
        self._bars[run].epoch_finished(record)

    def run_finished(self, run: int, diverged_epoch: int | None) -> None:
        self._work.run_finished(run)
        self._bars[run].finished = True
        if diverged_epoch is not None:
            name = escape(printable(self._runs[run].name))
            self._console.print(f"{name}: diverged in epoch {diverged_epoch}", highlight=False)

    def run_released(self, run: int) -> None:
        self._work.run_finished(run)
        self._bars[run].finished = True

    def tick(self) -> None:
        for bar in self._bars:
            if bar.finished:
                bar.hide()
            elif bar.started:
                bar.show()
                bar.draw()
        speed = self._progress.tasks[0].speed
        self._progress.update(
            self._total,
            description=self._work.count,
            completed=self._work.done,
            status=f"{speed:,.0f} images/s" if speed else "",
        )
        self._progress.refresh()

    def end(self) -> None:
        if self._bars:
            self.tick()
        self._progress.stop()


class _Bar:
    """The bar of a run."""

    def __init__(self, run: RunProgress, progress: Progress) -> None:
        self._run = run
        self._progress = progress
        self._record: EpochRecord | None = None
        self._measured: EpochRecord | None = None
        self._task: TaskID | None = None
        self.epochs_done = run.epochs_done
        self.in_epoch = 0
        self.finished = False

    @property
    def completed(self) -> int:
        """Images trained on, over all epochs."""
        return self.epochs_done * self._run.images + self.in_epoch

    @property
    def started(self) -> bool:
        """Whether this process has trained on any of its images."""
        return self.in_epoch > 0 or self._record is not None

    def epoch_finished(self, record: EpochRecord) -> None:
        self._record = record
        self._measured = record if record.evaluated else self._measured
        self.epochs_done = record.epoch
        self.in_epoch = 0

    def show(self) -> None:
        """Add the bar to the display, unless it is there."""
        if self._task is None:
            self._task = self._progress.add_task(
                escape(printable(self._run.name)),
                total=self._run.epochs * self._run.images,
                completed=self.completed,
                status=self._status(),
            )

    def hide(self) -> None:
        """Remove the bar from the display, if it is there."""
        if self._task is not None:
            self._progress.remove_task(self._task)
            self._task = None

    def draw(self) -> None:
        """Update the bar, if it is displayed."""
        if self._task is not None:
            self._progress.update(self._task, completed=self.completed, status=self._status())

    def _status(self) -> str:
        status = f"epoch {self.epochs_done}/{self._run.epochs}"
        return status + (_accuracies(self._measured) if self._measured else "")


def _accuracies(record: EpochRecord) -> str:
    """Return what was measured after an epoch, each with a comma before it."""
    splits = (
        ("train", record.train_accuracy),
        ("validation", record.validation_accuracy),
        ("test", record.test_accuracy),
    )
    return "".join(f", {name} {100 * value:.2f}%" for name, value in splits if value is not None)


def _summary(runs: Sequence[RunProgress], ended: int) -> str:
    """Return the numbers of runs that are done, to resume and to train, in one line."""
    parts = []
    if ended:
        parts.append(f"{count_runs(ended)} already done")
    resumed = sum(run.epochs_done > 0 for run in runs)
    if resumed:
        parts.append(f"{count_runs(resumed)} to resume")
    if len(runs) > resumed:
        parts.append(f"{count_runs(len(runs) - resumed)} to train")
    return ", ".join(parts)
