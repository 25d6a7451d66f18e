"""Test accuracy against the number of training images, a line for each network."""

from collections.abc import Sequence

import altair as alt

from seedbed.analysis.entry import Entry
from seedbed.display.charts.style import Drawing
from seedbed.display.escape import printable
from seedbed.evaluation.training_size import series, size_of
from seedbed.report.charts.parts import about, heading, label, runs_in_words
from seedbed.report.charts.series import MARKS, Point, series_chart


def training_size(entries: Sequence[Entry]) -> Drawing | None:
    """Return a line for each series of configurations of at least two sizes."""
    found = series(entries)
    if not found:
        return None
    points = [
        Point(
            printable(line.name),
            label(each),
            size_of(each),
            each["test_accuracy"],
            each["test_accuracy_interval"],
        )
        for line in found
        for each in line.entries
    ]
    drawn = [each for line in found for each in line.entries]
    sizes = sorted({each.x for each in points})
    axis = alt.Axis(
        title="training images",
        values=sizes,
        format=",~f",
        grid=False,
        labelOverlap="greedy",
    )
    x = alt.X("x:Q", axis=axis, scale=alt.Scale(type="log", nice=False, padding=12))
    title = heading(
        "Test accuracy against the number of training images",
        f"{runs_in_words(drawn)}; {MARKS}. {about(drawn)}.",
    )
    return series_chart(points, x, title, "training images")
