"""Test accuracy on corrupted test images: a line for each network, a chart for each kind."""

from collections.abc import Sequence
from typing import Final

import altair as alt

from seedbed.analysis.chart_captions import about, runs_in_words
from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import Representative
from seedbed.analysis.subjects.robustness.result import corrupted, corrupted_networks
from seedbed.display.charts.parts import heading
from seedbed.display.charts.series import MARKS, Point, series_chart
from seedbed.display.charts.style import Drawing
from seedbed.display.escape import printable

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


def robustness_chart(kind: str, entries: Sequence[Entry]) -> Drawing | None:
    """Return the chart of one kind of corruption, of all networks whose accuracy is known.

    Args:
        kind: Of :data:`seedbed.data.corruptions.CORRUPTIONS`.
        entries: Of a summary.

    """
    networks = corrupted_networks(entries)
    if not networks:
        return None
    points = [point for network in networks for point in _points(kind, network)]
    # The charts of all kinds have one scale, so that they can be compared.
    all_kinds = [
        point for network in networks for other in AXES for point in _points(other, network)
    ]
    domain = (min(map(_lowest, all_kinds)), max(map(_highest, all_kinds)))
    strengths = sorted({point.x for point in points})
    axis = alt.Axis(title=AXES[kind], values=strengths, grid=False, format="~f")
    x = alt.X("x:Q", axis=axis, scale=alt.Scale(nice=False, padding=8))
    drawn = [network.entry for network in networks]
    images = corrupted(drawn[0]).images
    title = heading(
        f"Test accuracy on {TITLES[kind]}",
        f"{runs_in_words(drawn)}; {MARKS}. {images:,} test images. {about(drawn)}.",
    )
    return series_chart(points, x, title, AXES[kind], domain)


def _points(kind: str, network: Representative) -> list[Point]:
    result = corrupted(network.entry)
    name, label = printable(network.name), printable(network.entry.header.label)
    values = [(0.0, result.uncorrupted)]
    values += [(corruption.strength, corruption) for corruption in result.of_kind(kind)]
    return [
        Point(name, label, x, value.accuracy, value.accuracy.shown_interval) for x, value in values
    ]


def _lowest(point: Point) -> float:
    return max(0.0, min(_shown(point)))


def _highest(point: Point) -> float:
    return min(1.0, max(_shown(point)))


def _shown(point: Point) -> list[float]:
    """Return what is drawn of a point: its runs, and its interval where it has one."""
    ends = [point.interval.low, point.interval.high] if point.interval else []
    return [*(run for run in point.accuracy.runs if run is not None), *ends]
