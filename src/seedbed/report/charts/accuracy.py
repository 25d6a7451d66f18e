"""Test accuracy of every configuration: each run, the mean, and how sure it is."""

from collections.abc import Sequence

import altair as alt

from seedbed.analysis.entry import Entry
from seedbed.display.charts.inline import inline
from seedbed.display.charts.style import Drawing
from seedbed.display.formatters import percent, percent_interval, percent_spread
from seedbed.report.charts.parts import (
    SHOWN,
    about,
    color,
    finished,
    heading,
    in_lines,
    label,
    labels,
    percent_axis,
    row_axis,
    row_height,
    runs_in_words,
    shares,
    shown,
    with_parameters,
)

TITLE = "Test accuracy"


def accuracy(entries: Sequence[Entry]) -> Drawing | None:
    """Return a row for each configuration: dots, mean and 95 % interval."""
    drawn = finished(entries)
    if not drawn:
        return None
    runs = inline(
        {"configuration": "string", "seed": "string", "accuracy": "number", "text": "string"},
        (
            (label(each), str(seed), value, percent(value))
            for each in drawn
            for seed, value in zip(each["seeds"], each["test_accuracy"]["runs"], strict=True)
        ),
    )
    means = inline(
        {
            "configuration": "string",
            "mean": "number",
            "low": "number",
            "high": "number",
            "n": "number",
            "spread": "string",
            "interval": "string",
        },
        (
            (
                label(each),
                each["test_accuracy"]["mean"],
                *_interval(each),
                each["n"],
                percent_spread(each["test_accuracy"]),
                percent_interval(each["test_accuracy_interval"]),
            )
            for each in drawn
        ),
    )
    tooltip = [
        alt.Tooltip("configuration:N"),
        alt.Tooltip("spread:N", title="mean ± std"),
        alt.Tooltip("n:Q", title="runs (n)"),
        alt.Tooltip("interval:N", title="95 % interval"),
    ]
    row = alt.Y(
        "configuration:N",
        sort=None,
        title=None,
        axis=row_axis("lines[datum.label]"),
    )
    of_configuration = alt.Chart(means).transform_filter(SHOWN)
    interval = (
        of_configuration.transform_filter("isValid(datum.low)")
        .transform_calculate(**shares("datum.low", "datum.high"))
        .mark_bar(height=9, opacity=0.28, cornerRadius=2)
        .encode(x=_across("low"), x2="high:Q")
    )
    dots = (
        alt.Chart(runs)
        .transform_filter(SHOWN)
        .mark_circle(size=22, opacity=0.75)
        .encode(
            x=_across("accuracy"),
            tooltip=[
                alt.Tooltip("configuration:N"),
                alt.Tooltip("seed:N"),
                alt.Tooltip("text:N", title="test accuracy"),
            ],
        )
    )
    mean = of_configuration.mark_tick(thickness=2.5, size=17).encode(
        x=_across("mean"), tooltip=tooltip
    )
    chart = alt.layer(interval.encode(tooltip=tooltip), dots, mean).encode(
        y=row, color=color(entries, legend=False)
    )
    lines = {name: in_lines(name) for name in labels(drawn)}
    parameters = (shown(), alt.param(name="lines", value=lines))
    return with_parameters(chart, *parameters).properties(
        height=row_height(max(map(len, lines.values()))) * len(drawn),
        title=heading(
            TITLE,
            f"{runs_in_words(drawn)}. Dots: runs; line: mean; bar: {_kind(drawn)}. {about(drawn)}.",
        ),
    )


def _across(field: str) -> alt.X:
    return alt.X(f"{field}:Q", axis=percent_axis("test accuracy"), scale=alt.Scale(zero=False))


def _interval(entry: Entry) -> tuple[float | None, float | None]:
    found = entry["test_accuracy_interval"]
    return (found["low"], found["high"]) if found else (None, None)


def _kind(entries: Sequence[Entry]) -> str:
    """Say what the intervals are of: a single run has one over its images."""
    singles = sum(each["n"] == 1 for each in entries)
    if not singles:
        return "95 % interval of the mean"
    wilson = "95 % interval over the images (Wilson)"
    return wilson if singles == len(entries) else f"95 % interval of the mean; of one run, {wilson}"
