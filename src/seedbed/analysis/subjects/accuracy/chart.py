"""Test accuracy of every configuration: each run, their mean and its interval."""

from collections.abc import Sequence
from typing import Any

import altair as alt

from seedbed.analysis.chart_captions import (
    about,
    color,
    label,
    labels,
    runs_in_words,
)
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of, tested
from seedbed.display.charts.inline import inline
from seedbed.display.charts.parts import (
    SHOWN,
    heading,
    in_lines,
    percent_axis,
    row_axis,
    row_height,
    shares,
    shown,
    with_parameters,
)
from seedbed.display.charts.style import Drawing
from seedbed.display.formatters import percent, percent_interval, percent_spread


def chart(entries: Sequence[Entry]) -> Drawing | None:
    """Return a row for each configuration: dots, mean and 95% interval."""
    drawn = tested(entries)
    if not drawn:
        return None
    runs = inline(
        {"configuration": "string", "run": "string", "accuracy": "number", "text": "string"},
        (
            (label(entry), entry.header.run_name(seed), value, percent(value))
            for entry in drawn
            for seed, value in zip(
                entry.header.seeds, accuracy_of(entry).test_accuracy.runs, strict=True
            )
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
        map(_mean, drawn),
    )
    tooltip = [
        alt.Tooltip("configuration:N"),
        alt.Tooltip("spread:N", title="mean ± std"),
        alt.Tooltip("n:Q", title="runs (n)"),
        alt.Tooltip("interval:N", title="95% interval"),
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
        .encode(x=_across("low"), x2=alt.X2("high:Q"))
    )
    dots = (
        alt.Chart(runs)
        .transform_filter(SHOWN)
        .mark_circle(size=22, opacity=0.75)
        .encode(
            x=_across("accuracy"),
            tooltip=[
                alt.Tooltip("configuration:N"),
                alt.Tooltip("run:N"),
                alt.Tooltip("text:N", title="test accuracy"),
            ],
        )
    )
    mean = of_configuration.mark_tick(thickness=2.5, size=17).encode(
        x=_across("mean"), tooltip=tooltip
    )
    layers = alt.layer(interval.encode(tooltip=tooltip), dots, mean).encode(
        y=row, color=color(entries, legend=False)
    )
    lines = {name: in_lines(name) for name in labels(drawn)}
    parameters = (shown(), alt.param(name="lines", value=lines))
    return with_parameters(layers, *parameters).properties(
        height=row_height(max(map(len, lines.values()))) * len(drawn),
        title=heading(
            "Test accuracy",
            f"{runs_in_words(drawn)}. Dots: runs; line: mean; bar: {_kind(drawn)}. {about(drawn)}.",
        ),
    )


def _across(field: str) -> alt.X:
    return alt.X(f"{field}:Q", axis=percent_axis("test accuracy"), scale=alt.Scale(zero=False))


def _mean(entry: Entry) -> tuple[Any, ...]:
    accuracy = accuracy_of(entry)
    interval = accuracy.test_accuracy.shown_interval
    return (
        label(entry),
        accuracy.test_accuracy.mean,
        *((interval.low, interval.high) if interval else (None, None)),
        entry.header.n,
        percent_spread(accuracy.test_accuracy),
        percent_interval(interval),
    )


def _kind(entries: Sequence[Entry]) -> str:
    """Return what the intervals are of: that of a single run is over its images."""
    singles = sum(entry.header.n == 1 for entry in entries)
    mean, wilson = "95% interval of the mean", "95% Wilson interval over the test images"
    if not singles:
        return mean
    return wilson if singles == len(entries) else f"{mean}, or the {wilson} of a single run"
