"""The charts of test accuracy against a cost, with the Pareto front of both."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import altair as alt

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.chart_captions import about, color, label, runs_in_words
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of, tested
from seedbed.analysis.subjects.cost.pareto import fronts
from seedbed.analysis.subjects.cost.result import cost_of
from seedbed.analysis.subjects.cost.stability import times_on_front
from seedbed.analysis.subjects.training_size.series import with_most_images
from seedbed.display.charts.inline import Columns, inline
from seedbed.display.charts.parts import (
    SHOWN,
    heading,
    percent_axis,
    shares,
    shown,
    with_parameters,
)
from seedbed.display.charts.style import GRAY, Drawing
from seedbed.display.formatters import NONE, number, percent_interval, percent_spread, spread

HEIGHT: Final = 210
SAME: Final = 1.05
"""Costs that differ by no more than this factor are about the same."""
WIDE: Final = 20.0
"""Costs that differ by more than this factor are drawn on a logarithmic axis."""
_COLUMNS: Final[Columns] = {
    "configuration": "string",
    "cost": "number",
    "cost_std": "number",
    "mean": "number",
    "low": "number",
    "high": "number",
    "n": "number",
    "spread": "string",
    "interval": "string",
    "paid": "string",
    "front": "string",
    "resampled": "string",
    "test_fingerprint": "string",
}


AXES: Final = {
    "parameters": "parameters",
    "multiply_adds": "multiply-adds of one image, forward",
    "seconds": "training time of a run (s)",
    "weight_file_bytes": "weight file (bytes)",
}
"""Fields of a cost, and what their axes are called."""


def cost_chart(key: str, title: str, entries: Sequence[Entry]) -> Drawing | None:
    """Return accuracy against a cost; ``None`` where all costs are about the same.

    Args:
        key: Of :data:`AXES`.
        title: Of the chart.
        entries: Of a summary.

    """
    axis = AXES[key]
    every = tested(entries)
    entries = with_most_images(every)
    drawn = [entry for entry in entries if getattr(cost_of(entry), key, None)]
    costs = [float(getattr(cost_of(entry), key)) for entry in drawn]
    if not costs or max(costs) <= SAME * min(costs):
        return None
    data = inline(_COLUMNS, _rows(drawn, key))
    wide = max(costs) > WIDE * min(costs)
    scale = alt.Scale(type="log") if wide else alt.Scale(zero=False, padding=12)
    words = alt.Axis(title=axis, tickCount=5, format="~s" if max(costs) >= 10_000 else "~f")
    y_scale = alt.Scale(zero=False)  # without padding, which would show accuracies above 100%
    y_axis = percent_axis("test accuracy")
    tooltip = [
        alt.Tooltip("configuration:N"),
        alt.Tooltip("spread:N", title="test accuracy, mean ± std"),
        alt.Tooltip("interval:N", title="95% interval"),
        alt.Tooltip("paid:N", title=f"{axis}, mean ± std" if key == "seconds" else axis),
        alt.Tooltip("n:Q", title="runs (n)"),
        alt.Tooltip("front:N", title="on the Pareto front"),
        alt.Tooltip("resampled:N", title="on it in resampled runs"),
    ]
    points = alt.Chart(data).transform_filter(SHOWN)
    x = alt.X("cost:Q", scale=scale, axis=words)
    y = alt.Y("mean:Q", scale=y_scale, axis=y_axis)
    colors = color(entries)
    front = (
        points.transform_filter("datum.front == 'yes'")
        .mark_line(color=GRAY, strokeWidth=1.5, strokeDash=[4, 3], interpolate="step-after")
        .encode(x=x, y=y, detail=alt.Detail("test_fingerprint:N"))
    )
    up = (
        points.transform_filter("isValid(datum.low)")
        .transform_calculate(**shares("datum.low", "datum.high"))
        .mark_rule(strokeWidth=1.5)
        .encode(
            x=x, y=alt.Y("low:Q", scale=y_scale, axis=y_axis), y2=alt.Y2("high:Q"), color=colors
        )
    )
    across = (
        points.transform_filter("isValid(datum.cost_std)")
        .transform_calculate(
            low="max(datum.cost - datum.cost_std, datum.cost / 10)",
            high="datum.cost + datum.cost_std",
        )
        .mark_rule(strokeWidth=1.5)
        .encode(x=alt.X("low:Q", scale=scale, axis=words), x2=alt.X2("high:Q"), y=y, color=colors)
    )
    dots = points.mark_circle(size=60, opacity=1).encode(x=x, y=y, color=colors, tooltip=tooltip)
    across_note = "across: ± 1 standard deviation of the seconds; up: " if key == "seconds" else ""
    most = "" if len(entries) == len(every) else " with the most training images"
    title_words = heading(
        title,
        f"Means of {runs_in_words(drawn)}{most}; {across_note}95% intervals. Dashed: the Pareto "
        f"front of the means, which is no test. {about(drawn)}.",
    )
    chart = alt.layer(front, up, across, dots).properties(height=HEIGHT, title=title_words)
    return with_parameters(chart, shown())


def _rows(drawn: Sequence[Entry], key: str) -> Iterator[tuple[Any, ...]]:
    front = {place for places in fronts(drawn, key) for place in places}
    of_seconds = key == "seconds"
    resampled = _resampled(drawn, key)
    for place, entry in enumerate(drawn):
        accuracy, cost = accuracy_of(entry), cost_of(entry)
        interval = accuracy.test_accuracy.shown_interval
        value = float(getattr(cost, key))
        std = cost.seconds_std if cost and of_seconds else None
        yield (
            label(entry),
            value,
            std,
            accuracy.test_accuracy.mean,
            interval and interval.low,
            interval and interval.high,
            entry.header.n,
            percent_spread(accuracy.test_accuracy),
            percent_interval(interval),
            spread(Aggregate(value, std, entry.header.n), 1) if of_seconds else number(value),
            "yes" if place in front else "no",
            resampled.get(place, NONE),
            entry.header.test_fingerprint,
        )


def _resampled(drawn: Sequence[Entry], key: str) -> dict[int, str]:
    """Return in how many resamples each entry is on the front of its test set, by its place."""
    groups: dict[str, list[int]] = {}
    for place, entry in enumerate(drawn):
        groups.setdefault(entry.header.test_fingerprint, []).append(place)
    shown = {}
    for places in groups.values():
        times = times_on_front([drawn[place] for place in places], key)
        for number_in_group, count in (times or {}).items():
            shown[places[number_in_group]] = f"{count} of 100"
    return shown
