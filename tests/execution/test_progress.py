"""Progress: bars in a terminal, a few lines elsewhere, only what matters when quiet."""

import io
import re
import sys
import time
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from seedbed.execution.monitor import Monitor, RunProgress
from seedbed.execution.progress import (
    PLAIN_INTERVAL,
    LiveMonitor,
    NotebookMonitor,
    PlainMonitor,
    QuietMonitor,
    choose_monitor,
)
from seedbed.training.engine import EpochRecord

RUNS = [RunProgress("", "seed 0", 10, 0, 100), RunProgress("", "seed 7", 10, 4, 100)]


MANY = [RunProgress("learning_rate=[0.1]", f"seed {seed}", 2, 0, 100) for seed in range(30)]


def unescaped(markup: str) -> str:
    return Text.from_markup(markup).plain


def epoch(number: int) -> EpochRecord:
    return EpochRecord(
        epoch=number,
        learning_rate=0.05,
        train_loss=0.1,
        train_accuracy=0.9912,
        test_loss=0.2,
        test_accuracy=0.98341,
        running_loss=0.3,
        running_accuracy=0.9,
        seconds=2.0,
    )


def train(monitor: Monitor, epochs: int = 10) -> None:
    monitor.begin(RUNS, 3)
    for number in range(1, epochs + 1):
        monitor.images_trained(0, 60)
        monitor.tick()
        monitor.images_trained(0, 40)
        monitor.epoch_finished(0, epoch(number))
        monitor.tick()
    monitor.run_finished(0, None)
    monitor.run_finished(1, 5)
    monitor.notice("evil \x1b[2J [bold]name[/bold]")
    monitor.end()


def test_plain_lines_do_not_flood() -> None:
    stream = io.StringIO()
    seconds = iter([n * 0.9 for n in range(1000)])
    train(PlainMonitor(stream, clock=lambda: next(seconds)))
    lines = stream.getvalue().splitlines()
    assert lines[0] == "3 runs already done, 1 run to resume, 1 run to train"
    assert lines[1].startswith("seed 0: epoch 5/10, train 99.12%, test 98.34%, 50 images/s, 10 s")
    assert lines[2:] == [
        "seed 0: finished, train 99.12%, test 98.34%",
        "seed 7: diverged in epoch 5",
        "seedbed: evil \\x1b[2J [bold]name[/bold]",
    ]
    assert PLAIN_INTERVAL >= 2


def test_held_out_images_are_shown_too() -> None:
    stream = io.StringIO()
    monitor = PlainMonitor(stream)
    monitor.begin(RUNS, 0)
    held_out = replace(epoch(10), validation_accuracy=0.97, test_accuracy=None)
    monitor.epoch_finished(0, held_out)
    monitor.run_finished(0, None)
    assert stream.getvalue().splitlines()[-1] == "seed 0: finished, train 99.12%, validation 97.00%"


def test_an_epoch_without_evaluation_has_no_accuracies() -> None:
    stream = io.StringIO()
    seconds = iter([n * 10.0 for n in range(100)])
    monitor = PlainMonitor(stream, clock=lambda: next(seconds))
    monitor.begin(RUNS, 0)
    for number in (1, 2, 3):
        record = replace(epoch(number), train_accuracy=None, test_accuracy=None)
        monitor.epoch_finished(0, record)
    assert "seed 0: epoch 3/10, 50 images/s, 14 s left" in stream.getvalue().splitlines()


def test_plain_lines_about_many_runs_say_how_many_are_over() -> None:
    stream = io.StringIO()
    seconds = iter([n * 10.0 for n in range(1000)])
    monitor = PlainMonitor(stream, clock=lambda: next(seconds))
    monitor.begin(MANY, 0)
    for run in (3, 4):
        for number in (1, 2):
            monitor.images_trained(run, 100)
            monitor.epoch_finished(run, epoch(number))
        monitor.run_finished(run, None)
    assert stream.getvalue().splitlines() == [
        "30 runs to train",
        "1 of 30 runs, about 14 min left; "
        "learning_rate=[0.1], seed 3: finished, train 99.12%, test 98.34%",
        "2 of 30 runs, about 14 min left; "
        "learning_rate=[0.1], seed 4: finished, train 99.12%, test 98.34%",
    ]


def test_quiet_says_only_what_matters() -> None:
    stream = io.StringIO()
    train(QuietMonitor(stream))
    assert stream.getvalue() == "seedbed: evil \\x1b[2J [bold]name[/bold]\n"


def terminal(height: int = 20) -> Console:
    return Console(
        file=io.StringIO(), force_terminal=True, width=120, height=height, color_system=None
    )


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_live_shows_a_bar_a_run() -> None:
    console = terminal()
    train(LiveMonitor(console), epochs=4)
    text = written(console)
    assert "3 runs already done" in text
    assert "seed 0" in text
    assert "epoch 4/10, train 99.12%, test 98.34%" in text
    assert "images/s" in text
    assert "seed 7" in text
    assert "epoch 4/10" in text
    assert "diverged in epoch 5" in text
    assert "2 of 2 runs" in text
    assert "evil \\x1b[2J [bold]name[/bold]" in text


def test_live_counts_what_was_trained_before() -> None:
    monitor = LiveMonitor(terminal())
    monitor.begin(RUNS, 0)
    monitor.images_trained(1, 30)
    monitor.tick()
    tasks = monitor._progress.tasks
    assert [(task.completed, task.total) for task in tasks] == [(430, 2000), (430, 1000)]
    monitor.epoch_finished(1, epoch(5))
    monitor.run_finished(0, 3)
    monitor.end()
    # A run that diverged is over: nothing of it is left to do.
    assert [task.completed for task in tasks] == [1500, 500]


def test_live_says_what_the_time_is() -> None:
    console = terminal()
    monitor = LiveMonitor(console)
    monitor.begin(RUNS, 0)
    for _ in range(3):
        monitor.images_trained(1, 30)
        monitor.tick()
        time.sleep(0.02)
    monitor.end()
    assert re.search(r"\d+ (s|min|h) left", written(console))


def test_live_shows_active_runs_only() -> None:
    monitor = LiveMonitor(terminal(height=10))
    monitor.begin(MANY, 0)
    monitor.images_trained(3, 10)
    monitor.images_trained(4, 10)
    monitor.run_finished(3, None)
    monitor.tick()
    visible = [unescaped(task.description) for task in monitor._progress.tasks]
    monitor.end()
    assert visible == ["1 of 30 runs", "learning_rate=[0.1], seed 4"]


def test_nothing_to_do_needs_no_bars() -> None:
    console = terminal()
    monitor = LiveMonitor(console)
    monitor.begin([], 5)
    monitor.end()
    assert "5 runs already done" in written(console)


def test_the_monitor_suits_the_output(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(choose_monitor(quiet=False), PlainMonitor)
    assert type(choose_monitor(quiet=True)) is QuietMonitor
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    assert isinstance(choose_monitor(quiet=False), LiveMonitor)


class Notebook(ModuleType):
    """Stands for IPython.display: remembers what was shown, and how it was updated."""

    def __init__(self) -> None:
        super().__init__("IPython.display")
        self.lines: list[str] = []

    def display(self, shown: object, *, display_id: bool) -> "Notebook":
        assert display_id
        self.lines.append(repr(shown))
        return self

    def update(self, shown: object) -> None:
        self.lines.append(repr(shown))


def test_a_notebook_shows_one_line_and_updates_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    notebook = Notebook()
    monkeypatch.setitem(sys.modules, "IPython.display", notebook)
    seconds = iter([n * 0.4 for n in range(1000)])
    train(NotebookMonitor(clock=lambda: next(seconds)))
    first, *updates, last = notebook.lines
    assert first == "3 runs already done, 1 run to resume, 1 run to train"
    assert last == "100%, 2 of 2 runs, best test accuracy 98.34%"
    assert 2 <= len(updates) < 20
    assert all(" left" in line for line in updates)
    assert capsys.readouterr().out == "evil \\x1b[2J [bold]name[/bold]\n"


@pytest.mark.parametrize("kind", [PlainMonitor, LiveMonitor, NotebookMonitor])
def test_runs_of_other_processes_count_as_done(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "IPython.display", Notebook())
    monitor = LiveMonitor(terminal()) if kind is LiveMonitor else kind()
    monitor.begin(RUNS, 0)
    monitor.run_released(1)
    assert monitor._work.count == "1 of 2 runs"
    monitor.tick()
    monitor.end()
