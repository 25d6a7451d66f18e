"""Test accuracy against what it costs: seconds of training, parameters, multiply-adds."""

from collections.abc import Sequence
from typing import Final

import altair as alt

from seedbed.report.charts.inline import inline
from seedbed.report.charts.parts import (
    SHOWN,
    about,
    colour,
    finished,
    heading,
    label,
    percent_axis,
    runs_in_words,
    shares,
    shown,
    with_parameters,
)
from seedbed.report.charts.style import Drawing
from seedbed.report.wording import number, percent_spread, spread
from seedbed.study.summary_file import Entry

HEIGHT: Final = 210
SAME: Final = 1.05
"""Costs that differ by no more than this factor are as good as the same."""
WIDE: Final = 20.0
"""Costs that differ by more than this factor are drawn on a logarithmic axis."""


def training_time(entries: Sequence[Entry]) -> Drawing | None:
    """Return accuracy against the seconds of a run."""
    return _drawing(
        entries,
        "seconds",
        "training time of a run (s)",
        "Test accuracy against training time",
        "Seconds on the core that a run had, measuring included. ",
    )


def parameters(entries: Sequence[Entry]) -> Drawing | None:
    """Return accuracy against the number of parameters."""
    return _drawing(entries, "parameters", "parameters", "Test accuracy against parameters", "")


def multiply_adds(entries: Sequence[Entry]) -> Drawing | None:
    """Return accuracy against the multiply-adds of one image."""
    return _drawing(
        entries,
        "multiply_adds",
        "multiply-adds of one image, forward",
        "Test accuracy against multiply-adds",
        "",
    )


def _drawing(
    entries: Sequence[Entry], key: str, axis: str, title: str, note: str
) -> Drawing | None:
    drawn = [each for each in finished(entries) if (each["cost"] or {}).get(key)]
    costs = [float(each["cost"][key]) for each in drawn]
    if not costs or max(costs) <= SAME * min(costs):
        return None
    of_seconds = key == "seconds"
    data = inline(
        {
            "configuration": "string",
            "cost": "number",
            "cost_std": "number",
            "mean": "number",
            "std": "number",
            "n": "number",
            "spread": "string",
            "paid": "string",
        },
        (
            (
                label(each),
                cost,
                each["cost"]["seconds_std"] if of_seconds else None,
                each["test_accuracy"]["mean"],
                each["test_accuracy"]["std"],
                each["n"],
                percent_spread(each["test_accuracy"]),
                spread({"mean": cost, "std": each["cost"]["seconds_std"]}, 1)
                if of_seconds
                else number(cost),
            )
            for each, cost in zip(drawn, costs, strict=True)
        ),
    )
    wide = max(costs) > WIDE * min(costs)
    scale = alt.Scale(type="log") if wide else alt.Scale(zero=False, padding=12)
    words = alt.Axis(title=axis, tickCount=5, format="~s" if max(costs) >= 10_000 else "~f")
    y_scale = alt.Scale(zero=False, padding=8)
    y_axis = percent_axis("test accuracy")
    tooltip = [
        alt.Tooltip("configuration:N"),
        alt.Tooltip("spread:N", title="test accuracy, mean ± std"),
        alt.Tooltip("paid:N", title=f"{axis}, mean ± std" if of_seconds else axis),
        alt.Tooltip("n:Q", title="runs (n)"),
    ]
    points = alt.Chart(data).transform_filter(SHOWN)
    x = alt.X("cost:Q", scale=scale, axis=words)
    y = alt.Y("mean:Q", scale=y_scale, axis=y_axis)
    colours = colour(entries)
    up = (
        points.transform_filter("isValid(datum.std)")
        .transform_calculate(**shares("datum.mean - datum.std", "datum.mean + datum.std"))
        .mark_rule(strokeWidth=1.5)
        .encode(x=x, y=alt.Y("low:Q", scale=y_scale, axis=y_axis), y2="high:Q", color=colours)
    )
    across = (
        points.transform_filter("isValid(datum.cost_std)")
        .transform_calculate(
            low="max(datum.cost - datum.cost_std, datum.cost / 10)",
            high="datum.cost + datum.cost_std",
        )
        .mark_rule(strokeWidth=1.5)
        .encode(x=alt.X("low:Q", scale=scale, axis=words), x2="high:Q", y=y, color=colours)
    )
    dots = points.mark_circle(size=60, opacity=1).encode(x=x, y=y, color=colours, tooltip=tooltip)
    chart = alt.layer(up, across, dots).properties(
        height=HEIGHT,
        title=heading(
            title,
            f"Means of {runs_in_words(drawn)}; lines: ± 1 standard deviation. {note}"
            f"{about(drawn)}.",
        ),
    )
    return with_parameters(chart, shown())
