"""Every chart by its name: the one list that the page, the figures and notebooks draw from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from seedbed.report.charts.accuracy import accuracy
from seedbed.report.charts.style import Drawing
from seedbed.study.summary_file import Entry


@dataclass(frozen=True)
class Chart:
    """What can be drawn of the entries of a summary."""

    title: str
    description: str
    """What it shows, for who cannot see it and for the list of figures."""
    draw: Callable[[Sequence[Entry]], Drawing | None]
    """The chart of these entries; ``None`` where there is nothing to draw."""
    per_configuration: bool = False
    """Whether ``draw`` takes one entry at a time, as a sequence of one."""


CHARTS: Final[Mapping[str, Chart]] = {
    "accuracy": Chart(
        "Test accuracy",
        "A row for each configuration: the test accuracy of every run, their mean and its 95 % "
        "interval.",
        accuracy,
    ),
}
