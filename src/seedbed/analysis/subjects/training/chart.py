"""Accuracy and loss of training and test, after every epoch.

Test and training share a chart as long as its lines can be told apart. With more configurations,
each has a chart.
"""

from collections.abc import Sequence
from typing import Final, Literal

import altair as alt

from seedbed.analysis.captions import is_noisy
from seedbed.analysis.chart_captions import (
    about_data,
    color,
    dash,
    finished,
    runs_in_words,
)
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.training.lines import line_of
from seedbed.display.charts.epochs import Shape, frame, marks, with_lines
from seedbed.display.charts.parts import heading, line_legend
from seedbed.display.charts.style import COLORS, Drawing

MOST_TOGETHER: Final = 2
"""Configurations whose training and test curves share a chart."""

Measure = Literal["accuracy", "loss"]

_PREFIX: Final = {"test": "test", "validation": "validation", "training": "train"}
"""Split -> prefix of its measures."""


def curves(entries: Sequence[Entry], measure: Measure) -> Drawing | None:
    """Return the curve of the test split; with few configurations, of training too.

    Where no run has a test split, it is the curve of the validation split.
    """
    tested = any(line_of(entry, "test", f"test_{measure}") for entry in entries)
    split = "test" if tested else "validation"
    return _curves(entries, measure, (split, "training") if _together(entries) else (split,))


def training_curves(entries: Sequence[Entry], measure: Measure) -> Drawing | None:
    """Return the curve of training, where :func:`curves` leaves it out."""
    return None if _together(entries) else _curves(entries, measure, ("training",))


def _together(entries: Sequence[Entry]) -> bool:
    return len(entries) <= MOST_TOGETHER


def _curves(entries: Sequence[Entry], measure: Measure, splits: Sequence[str]) -> Drawing | None:
    known = [
        (entry, line_of(entry, split, f"{_PREFIX[split]}_{measure}"))
        for entry in finished(entries)
        for split in splits
    ]
    lines = [line for _, line in known if line]
    if not lines:
        return None
    drawn = [entry for entry, line in known if line]
    word = "cross-entropy" if measure == "loss" else measure  # whatever is minimized
    name = word if len(splits) > 1 else f"{splits[0]} {word}"
    chart = frame(Shape.of(lines, name, fractions=measure == "accuracy"), _look(entries, splits))
    noisy = "training" in splits and any(map(is_noisy, drawn))
    return with_lines(
        chart,
        lines,
        heading(
            f"{name.capitalize()} over epochs",
            f"{runs_in_words(drawn)}; {marks(lines)}. {about_data(drawn)}."
            + (" Training is measured against the noisy labels." if noisy else ""),
        ),
    )


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
