"""The chart of comparisons: differences over paired seeds, with their intervals."""

from collections.abc import Sequence
from typing import Any, Final

import altair as alt

from seedbed.analysis.chart_captions import about
from seedbed.analysis.entry import Entry
from seedbed.analysis.statistics.comparison import LEVEL, Comparison
from seedbed.analysis.subjects.accuracy.result import measured_on
from seedbed.analysis.subjects.comparisons.evidence import correction
from seedbed.analysis.subjects.comparisons.result import comparisons_of
from seedbed.analysis.subjects.comparisons.table import probability_text
from seedbed.display.charts.inline import Columns, inline
from seedbed.display.charts.parts import (
    heading,
    in_lines,
    isolated,
    row_axis,
    row_height,
    shown,
    with_parameters,
)
from seedbed.display.charts.style import COLORS, GRAY, Drawing
from seedbed.display.escape import printable
from seedbed.display.formatters import NONE, p_text
from seedbed.display.sentence import signed_interval

MOST: Final = 60
"""How many comparisons are drawn: those with the largest differences."""
SIGNIFICANT: Final = f"p < {LEVEL}, corrected"
NOT_SIGNIFICANT: Final = "not significant"
_BOTH_SHOWN: Final = (
    "shown === null || (indexof(shown, datum.a) >= 0 && indexof(shown, datum.b) >= 0)"
)
_COLUMNS: Final[Columns] = {
    "row": "number",
    "a": "string",
    "b": "string",
    "difference": "number",
    "low": "number",
    "high": "number",
    "new": "string",
    "n": "number",
    "p": "string",
    "adjusted": "string",
    "better": "string",
    "significant": "string",
}


def comparisons_chart(entries: Sequence[Entry]) -> Drawing | None:
    """Return a row for each comparison of these configurations: difference and 95% interval."""
    every = _drawable(entries)
    if not every:
        return None
    kept = sorted(every, key=lambda comparison: -abs(comparison.difference or 0.0))[:MOST]
    comparisons = [comparison for comparison in every if comparison in kept]
    data = inline(_COLUMNS, (_row(row, comparison) for row, comparison in enumerate(comparisons)))
    rows, subtracted = _labels(comparisons)
    of_comparisons = alt.Chart(data).transform_filter(_BOTH_SHOWN)
    y = alt.Y("row:O", title=None, axis=row_axis("rows[datum.value]", labelLimit=190))
    color = alt.Color(
        "significant:N",
        scale=alt.Scale(domain=[SIGNIFICANT, NOT_SIGNIFICANT], range=[COLORS[0], GRAY]),
        legend=alt.Legend(title=None, orient="bottom", columns=1, symbolType="circle"),
    )
    tooltip = [
        alt.Tooltip("a:N", title="A"),
        alt.Tooltip("b:N", title="B"),
        alt.Tooltip("difference:Q", title="difference A − B (percentage points)", format="+.2f"),
        alt.Tooltip("low:Q", title="95% interval from", format="+.2f"),
        alt.Tooltip("high:Q", title="to", format="+.2f"),
        alt.Tooltip("new:N", title="95% interval, new images"),
        alt.Tooltip("p:N", title="p"),
        alt.Tooltip("adjusted:N", title="p, corrected"),
        alt.Tooltip("better:N", title="P(A > B)"),
        alt.Tooltip("n:Q", title="pairs (n)"),
    ]
    zero = (
        alt.Chart(inline({"zero": "number"}, [(0,)]))
        .mark_rule(color=GRAY, strokeDash=[3, 3])
        .encode(x=_across("zero"))
    )
    interval = (
        of_comparisons.transform_filter("isValid(datum.low)")
        .mark_rule(strokeWidth=2)
        .encode(x=_across("low"), x2=alt.X2("high:Q"), y=y, color=color, tooltip=tooltip)
    )
    dots = of_comparisons.mark_circle(size=45, opacity=1).encode(
        x=_across("difference"), y=y, color=color, tooltip=tooltip
    )
    chart = alt.layer(zero, interval, dots).properties(
        height=row_height(max(map(len, rows))) * len(rows),
        title=heading(
            f"Differences in {measured_on(entries)}",
            f"{subtracted}, {_subtitle(comparisons, len(every))} {about(entries)}.",
        ),
    )
    return with_parameters(chart, shown(), alt.param(name="rows", value=rows))


def _drawable(entries: Sequence[Entry]) -> list[Comparison]:
    return [each for each in comparisons_of(entries) if each.difference is not None]


def _subtitle(comparisons: Sequence[Comparison], every: int) -> str:
    ns = sorted({comparison.n for comparison in comparisons})
    pairs = f"n = {ns[0]} pairs" if len(ns) == 1 else f"n = {ns[0]} to {ns[-1]} pairs"
    corrected = correction(comparisons[0])
    both = f", both {corrected}" if corrected else ""
    notes = {comparison.note for comparison in comparisons}
    note = f" {notes.pop()}." if len(notes) == 1 and comparisons[0].note else ""
    cut = f" The {MOST} largest of {every} differences." if every > MOST else ""
    return (
        f"paired by seed, {pairs}. Dot: mean; line: its 95% interval; color: "
        f"paired t-test{both}.{note}{cut}"
    )


def _labels(comparisons: Sequence[Comparison]) -> tuple[list[list[str]], str]:
    """Return the lines beside each row, and what is subtracted from what."""
    baselines = {printable(comparison.b) for comparison in comparisons}
    if len(baselines) == 1 and len(comparisons) > 1:
        rows = [in_lines(printable(comparison.a)) for comparison in comparisons]
        return rows, f"Each − {isolated(baselines.pop())}"
    pairs = ((printable(comparison.a), printable(comparison.b)) for comparison in comparisons)
    return [[a, f"− {b}"] for a, b in pairs], "A − B"


def _across(field: str) -> alt.X:
    axis = alt.Axis(title="difference (percentage points)", tickCount=5, format="~f")
    return alt.X(f"{field}:Q", scale=alt.Scale(zero=False), axis=axis)


def _row(row: int, comparison: Comparison) -> tuple[Any, ...]:
    interval, adjusted = comparison.interval, comparison.p_adjusted
    return (
        row,
        printable(comparison.a),
        printable(comparison.b),
        100 * (comparison.difference or 0.0),
        interval and 100 * interval.low,
        interval and 100 * interval.high,
        NONE if comparison.new_images is None else signed_interval(comparison.new_images.interval),
        comparison.n,
        p_text(comparison.p_value),
        p_text(adjusted),
        probability_text(comparison),
        significance(comparison),
    )


def significance(comparison: Comparison) -> str:
    """Return what the color of a comparison says."""
    adjusted = comparison.p_adjusted
    return SIGNIFICANT if adjusted is not None and adjusted < LEVEL else NOT_SIGNIFICANT
