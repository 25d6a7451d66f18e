"""The chart of shares of variance: a row for each source."""

from collections.abc import Sequence

import altair as alt

from seedbed.analysis.chart_captions import about, of_one
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.variance.result import crossed_variance
from seedbed.display.charts.inline import inline
from seedbed.display.charts.parts import heading, layered, percent_axis, row_height
from seedbed.display.charts.style import COLORS, Drawing
from seedbed.display.formatters import percent, percent_interval


def chart(entries: Sequence[Entry]) -> Drawing | None:
    """Return the shares of the sources of one configuration, with their intervals."""
    (entry,) = entries
    variance = crossed_variance(entry)
    if variance is None or not variance.components or variance.variance <= 0:
        return None
    rows = inline(
        {
            **dict.fromkeys(("source", "text", "interval"), "string"),
            **dict.fromkeys(("share", "low", "high"), "number"),
        },
        (
            (
                component.source,
                percent(component.share, 1),
                percent_interval(component.share_interval),
                component.share,
                component.share_interval.low,
                component.share_interval.high,
            )
            for component in variance.components
        ),
    )
    y = alt.Y("source:N", sort=None, title=None)
    tooltip = [
        alt.Tooltip("source:N"),
        alt.Tooltip("text:N", title="share of variance"),
        alt.Tooltip("interval:N", title="95% interval"),
    ]
    axis = percent_axis(f"share of the variance of {variance.of}")
    shares = alt.Chart(rows)
    bars = shares.mark_bar(height=9, opacity=0.28, cornerRadius=2, color=COLORS[0]).encode(
        x=alt.X("low:Q", axis=axis), x2=alt.X2("high:Q"), y=y, tooltip=tooltip
    )
    ticks = shares.mark_tick(thickness=2.5, size=17, color=COLORS[0]).encode(
        x=alt.X("share:Q", axis=axis), y=y, tooltip=tooltip
    )
    return layered(bars, ticks, height=row_height(1) * len(variance.components)).properties(
        title=heading(
            f"Where the spread comes from{of_one(entry)}",
            f"{variance.runs} crossed runs. Line: estimated share; bar: 95% interval; rest: "
            f"combinations of all seeds. {about(entries)}.",
        )
    )
