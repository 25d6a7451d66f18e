"""A line for each network: mean accuracy against a number, its interval, and the runs as dots."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import altair as alt

from seedbed.display.charts.inline import inline
from seedbed.display.charts.parts import (
    SHOWN,
    line_legend,
    line_looks,
    percent_axis,
    shares,
    shown,
    with_parameters,
)
from seedbed.display.charts.style import MOST_IN_LEGEND, Drawing
from seedbed.display.formatters import LowAndHigh, MeanAndStd, percent_interval, percent_spread

HEIGHT: Final = 205
MARKS: Final = "line: mean; bars: 95% interval; dots: runs"
"""What the marks are, for the subtitle."""


class Accuracies(MeanAndStd, Protocol):
    """The accuracy of each run."""

    @property
    def runs(self) -> Sequence[float | None]:
        """``None`` where it is not known."""


@dataclass(frozen=True)
class Point:
    """The accuracy of one configuration in one setting."""

    series: str
    """What its line is called."""
    configuration: str
    x: float
    accuracy: Accuracies
    interval: LowAndHigh | None


def series_chart(
    points: Sequence[Point],
    x: alt.X,
    title: alt.TitleParams,
    x_title: str,
    y_domain: tuple[float, float] | None = None,
) -> Drawing:
    """Return the chart.

    Args:
        points: Line by line; every line in increasing order.
        x: The field ``x:Q`` with its axis and scale.
        title: Of the chart.
        x_title: What ``x`` is called in tooltips.
        y_domain: Accuracies from which to which are shown; those that there are by default.

    """
    names = list(dict.fromkeys(point.series for point in points))
    means = alt.Chart(
        inline(
            {
                "series": "string",
                "configuration": "string",
                "x": "number",
                "mean": "number",
                "low": "number",
                "high": "number",
                "n": "number",
                "spread": "string",
                "interval": "string",
            },
            (
                (
                    point.series,
                    point.configuration,
                    point.x,
                    point.accuracy.mean,
                    *((point.interval.low, point.interval.high) if point.interval else (None,) * 2),
                    len(_known(point)),
                    percent_spread(point.accuracy),
                    percent_interval(point.interval),
                )
                for point in points
            ),
        )
    ).transform_filter(SHOWN)
    runs = alt.Chart(
        inline(
            {"series": "string", "configuration": "string", "x": "number", "accuracy": "number"},
            (
                (point.series, point.configuration, point.x, value)
                for point in points
                for value in _known(point)
            ),
        )
    ).transform_filter(SHOWN)
    legend = line_legend(names) if len(names) <= MOST_IN_LEGEND else None
    color, dash = line_looks(names, legend)

    scale = alt.Scale(domain=list(y_domain), nice=True) if y_domain else alt.Scale(zero=False)

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", axis=percent_axis("test accuracy"), scale=scale)

    tooltip = [
        alt.Tooltip("series:N", title="network"),
        alt.Tooltip("x:Q", title=x_title, format=",~f"),
        alt.Tooltip("spread:N", title="test accuracy, mean ± std"),
        alt.Tooltip("interval:N", title="95% interval"),
        alt.Tooltip("n:Q", title="runs (n)"),
    ]
    dots = runs.mark_circle(size=12, opacity=0.5).encode(x=x, y=y("accuracy"), color=color)
    bars = (
        means.transform_filter("isValid(datum.low)")
        .transform_calculate(**shares("datum.low", "datum.high"))
        .mark_rule(strokeWidth=1.5)
        .encode(x=x, y=y("low"), y2=alt.Y2("high:Q"), color=color)
    )
    line = means.mark_line(strokeWidth=2).encode(x=x, y=y("mean"), color=color, strokeDash=dash)
    mean = means.mark_circle(size=42, opacity=1).encode(
        x=x, y=y("mean"), color=color, tooltip=tooltip
    )
    chart = alt.layer(dots, bars, line, mean).properties(height=HEIGHT, title=title)
    return with_parameters(chart, shown())


def _known(point: Point) -> list[float]:
    return [run for run in point.accuracy.runs if run is not None]
