"""How far configurations are apart, and how surely: differences over paired seeds."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import altair as alt

from seedbed.analysis.entry import Entry
from seedbed.display.charts.inline import inline
from seedbed.display.charts.style import COLORS, GRAY, Drawing
from seedbed.display.escape import printable
from seedbed.display.formatters import NONE
from seedbed.report.charts.parts import (
    about,
    heading,
    in_lines,
    isolated,
    row_axis,
    row_height,
    shown,
    with_parameters,
)

Comparison = Mapping[str, Any]
"""As summaries hold it."""

LEVEL: Final = 0.05
"""Below this a p-value, after Holm's correction, is called significant."""
MOST: Final = 60
"""Comparisons that are drawn; those with the largest differences."""
SURE: Final = f"p < {LEVEL} (Holm)"
UNSURE: Final = "not significant"
BOTH_SHOWN: Final = (
    "shown === null || (indexof(shown, datum.first) >= 0 && indexof(shown, datum.second) >= 0)"
)


def comparisons(entries: Sequence[Entry]) -> Drawing | None:
    """Return a row for each comparison of these configurations: difference and 95 % interval."""
    labels = {each["label"] for each in entries}
    every = [
        each
        for entry in entries
        for each in entry["comparisons"]
        if each["difference"] is not None and each["second"] in labels
    ]
    if not every:
        return None
    kept = sorted(every, key=lambda each: -abs(each["difference"]))[:MOST]
    found = [each for each in every if each in kept]
    data = inline(
        {
            "row": "number",
            "first": "string",
            "second": "string",
            "difference": "number",
            "low": "number",
            "high": "number",
            "n": "number",
            "p": "string",
            "holm": "string",
            "better": "string",
            "sure": "string",
        },
        (_row(place, each) for place, each in enumerate(found)),
    )
    rows, what = _labels(found)
    of_comparisons = alt.Chart(data).transform_filter(BOTH_SHOWN)
    y = alt.Y(
        "row:O",
        title=None,
        axis=row_axis("rows[datum.value]", labelLimit=190),
    )
    sure = alt.Color(
        "sure:N",
        scale=alt.Scale(domain=[SURE, UNSURE], range=[COLORS[0], GRAY]),
        legend=alt.Legend(title=None, orient="bottom", columns=1, symbolType="circle"),
    )
    tooltip = [
        alt.Tooltip("first:N"),
        alt.Tooltip("second:N"),
        alt.Tooltip("difference:Q", title="first − second (points)", format="+.2f"),
        alt.Tooltip("low:Q", title="95 % interval from", format="+.2f"),
        alt.Tooltip("high:Q", title="to", format="+.2f"),
        alt.Tooltip("p:N", title="p"),
        alt.Tooltip("holm:N", title="p, Holm"),
        alt.Tooltip("better:N", title="P(first > second)"),
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
        .encode(x=_across("low"), x2="high:Q", y=y, color=sure, tooltip=tooltip)
    )
    dots = of_comparisons.mark_circle(size=45, opacity=1).encode(
        x=_across("difference"), y=y, color=sure, tooltip=tooltip
    )
    cut = f" The {MOST} largest of {len(every)} differences." if len(every) > MOST else ""
    notes = {each["note"] for each in found}
    note = f" {notes.pop()}." if len(notes) == 1 and found[0]["note"] else ""
    ns = sorted({each["n"] for each in found})
    pairs = f"n = {ns[0]} pairs" if len(ns) == 1 else f"n = {ns[0]} to {ns[-1]} pairs"
    chart = alt.layer(zero, interval, dots).properties(
        height=row_height(max(map(len, rows))) * len(rows),
        title=heading(
            "Differences of test accuracy",
            f"{what}, paired by seed, {pairs}. Dot: mean; line: its 95 % interval, not "
            f"corrected; color: sign-flip test{_correction(found[0])}.{note}{cut} "
            f"{about(entries)}.",
        ),
    )
    return with_parameters(chart, shown(), alt.param(name="rows", value=rows))


def _labels(found: Sequence[Comparison]) -> tuple[list[list[str]], str]:
    """Return the lines beside each row, and what is subtracted from what."""
    seconds = {printable(each["second"]) for each in found}
    if len(seconds) == 1 and len(found) > 1:
        return [
            in_lines(printable(each["first"])) for each in found
        ], f"Each − {isolated(seconds.pop())}"
    rows = [[printable(each["first"]), f"− {printable(each['second'])}"] for each in found]
    return rows, "First − second"


def _correction(found: Comparison) -> str:
    tests = found["comparisons"]
    return f" with Holm's correction over {tests} tests" if tests > 1 else ""


def _across(field: str) -> alt.X:
    axis = alt.Axis(title="difference (percentage points)", tickCount=5, format="~f")
    return alt.X(f"{field}:Q", scale=alt.Scale(zero=False), axis=axis)


def _row(place: int, found: Comparison) -> tuple[Any, ...]:
    interval = found["interval"] or {"low": None, "high": None}
    holm, better = found["p_holm"], found["probability_better"]
    return (
        place,
        printable(found["first"]),
        printable(found["second"]),
        100 * found["difference"],
        *(None if interval[end] is None else 100 * interval[end] for end in ("low", "high")),
        found["n"],
        _p(found["p_value"]),
        _p(holm),
        NONE if better is None else f"{better:.2f}",
        SURE if holm is not None and holm < LEVEL else UNSURE,
    )


def _p(value: float | None) -> str:
    return NONE if value is None else f"{value:.2g}" if value < 0.01 else f"{value:.4f}"
