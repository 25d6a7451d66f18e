"""Accuracy and loss of training and test, after every epoch.

Test and training share a chart as long as its lines can be told apart; of more configurations each
has a chart of its own.
"""

from collections.abc import Sequence
from typing import Final, Literal

import altair as alt

from seedbed.analysis.entry import Entry
from seedbed.display.charts.style import COLORS, Drawing
from seedbed.report.charts.epochs import Shape, frame, marks, with_lines
from seedbed.report.charts.parts import (
    about_data,
    color,
    dash,
    finished,
    heading,
    line_legend,
    line_of,
    runs_in_words,
)

MOST_TOGETHER: Final = 2
"""Configurations whose training and test curves share a chart."""

Measure = Literal["accuracy", "loss"]

_SPLITS: Final = {"test": "test", "training": "train"}
"""What readers call a split -> what keys of the curves begin with."""


def accuracy_curves(entries: Sequence[Entry]) -> Drawing | None:
    """Return test accuracy; of a few configurations, training accuracy too."""
    return _curves(entries, "accuracy", _first(entries))


def training_accuracy_curves(entries: Sequence[Entry]) -> Drawing | None:
    """Return training accuracy, where :func:`accuracy_curves` leaves it out."""
    return None if _together(entries) else _curves(entries, "accuracy", ("training",))


def loss_curves(entries: Sequence[Entry]) -> Drawing | None:
    """Return test loss; of a few configurations, training loss too."""
    return _curves(entries, "loss", _first(entries))


def training_loss_curves(entries: Sequence[Entry]) -> Drawing | None:
    """Return training loss, where :func:`loss_curves` leaves it out."""
    return None if _together(entries) else _curves(entries, "loss", ("training",))


def _together(entries: Sequence[Entry]) -> bool:
    return len(entries) <= MOST_TOGETHER


def _first(entries: Sequence[Entry]) -> tuple[str, ...]:
    return ("test", "training") if _together(entries) else ("test",)


def _curves(entries: Sequence[Entry], measure: Measure, splits: Sequence[str]) -> Drawing | None:
    found = [
        line_of(entry, split, f"{_SPLITS[split]}_{measure}")
        for entry in finished(entries)
        for split in splits
    ]
    lines = [line for line in found if line]
    if not lines:
        return None
    both = len(splits) > 1
    name = measure if both else f"{splits[0]} {measure}"
    drawn = [entry for entry in finished(entries) if entry.get("curves")]
    noisy = " Training: against the labels given, noise included." if _noisy(drawn, splits) else ""
    chart = frame(Shape.of(lines, name, fractions=measure == "accuracy"), _look(entries, splits))
    return with_lines(
        chart,
        lines,
        heading(
            f"{name.capitalize()} over the epochs",
            f"{runs_in_words(drawn)}; {marks(lines)}. {about_data(drawn)}.{noisy}",
        ),
    )


def _noisy(entries: Sequence[Entry], splits: Sequence[str]) -> bool:
    return "training" in splits and any((each["noise"] or {}).get("rate") != 0 for each in entries)


def _look(entries: Sequence[Entry], splits: Sequence[str]) -> list[alt.Color | alt.StrokeDash]:
    """Return colors and dashes: by configuration, by split, or one of each."""
    if len(splits) == 1:
        return [color(entries), dash(entries)]
    legend = line_legend(splits)
    of_splits = alt.StrokeDash(
        "what:N", scale=alt.Scale(domain=list(splits), range=[[], [5, 2]]), legend=legend
    )
    if len(entries) > 1:
        return [color(entries), of_splits]
    scale = alt.Scale(domain=list(splits), range=list(COLORS[:2]))
    return [alt.Color("what:N", scale=scale, legend=legend), of_splits]
