"""The chart of test accuracy against the rate of wrong training labels."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import altair as alt

from seedbed.analysis.chart_captions import about, label, runs_in_words
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of, tested
from seedbed.analysis.subjects.noise.levels import kind_in_words, level
from seedbed.analysis.subjects.noise.result import noise_of
from seedbed.display.charts.inline import inline
from seedbed.display.charts.parts import (
    SHOWN,
    heading,
    line_legend,
    line_looks,
    percent_axis,
    shares,
    shown,
    with_parameters,
)
from seedbed.display.charts.style import MOST_IN_LEGEND, Drawing
from seedbed.display.formatters import percent_spread

HEIGHT: Final = 220
_AMOUNTS: Final = ("noise.rate", "noise.matrix", "noise.labels", "noise.key", "noise.fingerprint")
"""Settings that say how much noise there is, and which labels it changes; not its kind."""


@dataclass
class _Series:
    """Configurations that differ only in the rate of their noise."""

    members: list[Entry] = field(default_factory=list)
    clean: list[Entry] = field(default_factory=list)
    """Those without noise, which begin every series with the same other settings."""

    @property
    def points(self) -> list[Entry]:
        levels = {level(entry) for entry in self.members}
        clean = [entry for entry in self.clean if level(entry) not in levels]
        return sorted(clean + self.members, key=level)

    @property
    def name(self) -> str:
        """What the labels of its configurations have in common, but for the amount of noise."""
        parts = [label(entry).split(", ") for entry in self.members]
        common = [
            part
            for part in parts[0]
            if all(part in other for other in parts) and part.partition("=")[0] not in _AMOUNTS
        ]
        return ", ".join(common) or kind_in_words(self.members[0])


def response_chart(entries: Sequence[Entry]) -> Drawing | None:
    """Return accuracy against the rate, a line for each series of at least two rates."""
    series = _series(tested(entries))
    if not series:
        return None
    names = _names(series)
    rows = [
        (name, entry) for name, line in zip(names, series, strict=True) for entry in line.points
    ]
    of_means = alt.Chart(
        inline(
            {
                "series": "string",
                "configuration": "string",
                "rate": "number",
                "mean": "number",
                "std": "number",
                "n": "number",
                "spread": "string",
                "observed": "string",
            },
            (_mean_row(name, entry) for name, entry in rows),
        )
    ).transform_filter(SHOWN)
    of_runs = alt.Chart(
        inline(
            {"series": "string", "configuration": "string", "rate": "number", "accuracy": "number"},
            (
                (name, label(entry), level(entry), value)
                for name, entry in rows
                for value in accuracy_of(entry).test_accuracy.runs
            ),
        )
    ).transform_filter(SHOWN)
    legend = line_legend(names) if 1 < len(names) <= MOST_IN_LEGEND else None
    color, dash = line_looks(names, legend)
    x = alt.X("rate:Q", axis=percent_axis("noise rate", grid=False), scale=alt.Scale(nice=False))

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", axis=percent_axis("test accuracy"), scale=alt.Scale(zero=False))

    tooltip = [
        alt.Tooltip("configuration:N"),
        alt.Tooltip("spread:N", title="test accuracy, mean ± std"),
        alt.Tooltip("n:Q", title="runs (n)"),
        alt.Tooltip("observed:N", title="observed noise rate"),
    ]
    band = (
        of_means.transform_filter("isValid(datum.std)")
        .transform_calculate(**shares("datum.mean - datum.std", "datum.mean + datum.std"))
        .mark_area(opacity=0.18)
        .encode(x=x, y=y("low"), y2=alt.Y2("high:Q"), color=color)
    )
    runs = of_runs.mark_circle(size=12, opacity=0.6).encode(x=x, y=y("accuracy"), color=color)
    line = of_means.mark_line(strokeWidth=2).encode(x=x, y=y("mean"), color=color, strokeDash=dash)
    mean = of_means.mark_circle(size=40, opacity=1).encode(
        x=x, y=y("mean"), color=color, tooltip=tooltip
    )
    drawn = [entry for _, entry in rows]
    chart = alt.layer(band, runs, line, mean).properties(
        height=HEIGHT,
        title=heading(
            "Test accuracy by label noise",
            f"{runs_in_words(drawn)}; dots: runs; line: mean; band: ± 1 standard deviation. "
            f"Test labels are clean. {about(drawn)}.",
        ),
    )
    return with_parameters(chart, shown())


def _series(entries: Sequence[Entry]) -> list[_Series]:
    lines: dict[tuple[str, str], _Series] = {}
    clean: dict[str, list[Entry]] = {}
    for entry in entries:
        of_noise = noise_of(entry)
        if of_noise is None:
            continue
        rest, noise = _settings(entry)
        if of_noise.kind == "none":
            clean.setdefault(rest, []).append(entry)
        else:
            lines.setdefault((rest, noise), _Series()).members.append(entry)
            if level(entry) == 0:
                clean.setdefault(rest, []).append(entry)
    for (rest, _), series in lines.items():
        series.clean = clean.get(rest, [])
    return [line for line in lines.values() if len({level(one) for one in line.points}) > 1]


def _settings(entry: Entry) -> tuple[str, str]:
    """Return what identifies the series: all settings but the noise, and those of the noise."""
    configuration = entry.header.configuration
    rest = {key: value for key, value in configuration.items() if key != "noise"}
    of_noise = noise_of(entry)
    settings = of_noise.settings if of_noise else {}
    noise = {key: value for key, value in settings.items() if f"noise.{key}" not in _AMOUNTS}
    return _as_text([rest, entry.header.test_fingerprint]), _as_text(noise)


def _as_text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _names(series: Sequence[_Series]) -> list[str]:
    """Return a name for each, no two the same."""
    names = [line.name for line in series]
    return [
        name if names.count(name) == 1 else f"{name} ({number})"
        for number, name in enumerate(names, start=1)
    ]


def _mean_row(name: str, entry: Entry) -> tuple[Any, ...]:
    accuracy, noise = accuracy_of(entry).test_accuracy, noise_of(entry)
    return (
        name,
        label(entry),
        level(entry),
        accuracy.mean,
        accuracy.std,
        entry.header.n,
        percent_spread(accuracy),
        percent_spread(noise.observed if noise else None),
    )
