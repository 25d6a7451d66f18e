"""The chart of test accuracy by the number of training images."""

from collections.abc import Sequence

import altair as alt

from seedbed.analysis.chart_captions import about, label, runs_in_words
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.training_size.series import series, size_of
from seedbed.display.charts.parts import heading
from seedbed.display.charts.series import MARKS, Point, series_chart
from seedbed.display.charts.style import Drawing
from seedbed.display.escape import printable


def training_size_chart(entries: Sequence[Entry]) -> Drawing | None:
    """Return a line for each series of configurations of at least two sizes."""
    lines = series(entries)
    if not lines:
        return None
    points = [_point(line.name, entry) for line in lines for entry in line.entries]
    drawn = [entry for line in lines for entry in line.entries]
    sizes = sorted({point.x for point in points})
    axis = alt.Axis(
        title="training images",
        values=sizes,
        format=",~f",
        grid=False,
        labelOverlap="greedy",
    )
    x = alt.X("x:Q", axis=axis, scale=alt.Scale(type="log", nice=False, padding=12))
    title = heading(
        "Test accuracy by the number of training images",
        f"{runs_in_words(drawn)}; {MARKS}. {about(drawn)}.",
    )
    return series_chart(points, x, title, "training images")


def _point(series_name: str, entry: Entry) -> Point:
    accuracy = accuracy_of(entry)
    return Point(
        printable(series_name),
        label(entry),
        size_of(entry),
        accuracy.test_accuracy,
        accuracy.test_accuracy.shown_interval,
    )
