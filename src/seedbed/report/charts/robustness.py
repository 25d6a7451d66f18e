"""Test accuracy on altered test images, a line for each network and a chart for each kind."""

from collections.abc import Sequence
from typing import Final

import altair as alt

from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import Representative
from seedbed.display.charts.style import Drawing
from seedbed.display.escape import printable
from seedbed.evaluation.standing import asked_about_altered
from seedbed.report.charts.parts import about, heading, runs_in_words
from seedbed.report.charts.series import MARKS, Point, series_chart

AXES: Final = {
    "shift": "shift (pixels)",
    "rotation": "rotation (degrees)",
    "noise": "std of the noise (gray levels)",
    "blur": "std of the blur (pixels)",
}
TITLES: Final = {
    "shift": "shifted images",
    "rotation": "rotated images",
    "noise": "noisy images",
    "blur": "blurred images",
}


def robustness(kind: str, entries: Sequence[Entry]) -> Drawing | None:
    """Return the chart of one kind of corruption, of the networks that were asked.

    Args:
        kind: Of :data:`seedbed.data.corruptions.CORRUPTIONS`.
        entries: Of a summary.

    """
    asked = asked_about_altered(entries)
    if not asked:
        return None
    points = [point for each in asked for point in _points(kind, each)]
    # The charts of all kinds have one scale, so that they can be held against each other.
    every = [point for each in asked for other in AXES for point in _points(other, each)]
    domain = (min(map(_lowest, every)), max(map(_highest, every)))
    strengths = sorted({point.x for point in points})
    axis = alt.Axis(title=AXES[kind], values=strengths, grid=False, format="~f")
    x = alt.X("x:Q", axis=axis, scale=alt.Scale(nice=False, padding=8))
    drawn = [each.entry for each in asked]
    images = drawn[0]["robustness"]["images"]
    title = heading(
        f"Test accuracy on {TITLES[kind]}",
        f"{runs_in_words(drawn)}; {MARKS}. {images:,} test images, the same for all. "
        f"{about(drawn)}.",
    )
    return series_chart(points, x, title, AXES[kind], domain)


def _points(kind: str, network: Representative) -> list[Point]:
    found = network.entry["robustness"]
    name, label = printable(network.name), printable(network.entry["label"])
    values = [(0.0, found["unaltered"])]
    values += [(each["strength"], each) for each in found["corruptions"] if each["kind"] == kind]
    return [Point(name, label, x, each["accuracy"], each["interval"]) for x, each in values]


def _lowest(point: Point) -> float:
    return max(0.0, min(_shown(point)))


def _highest(point: Point) -> float:
    return min(1.0, max(_shown(point)))


def _shown(point: Point) -> list[float]:
    """Return what is drawn of a point: its runs, and its interval where it has one."""
    return [*point.accuracy["runs"], *(point.interval or {}).values()]
