"""Accuracy by the settings of a grid: effects of factors, lines over one, heat maps of two."""

import math
import statistics
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, Final

import altair as alt

from seedbed.analysis.chart_captions import about, runs_in_words
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of, mean_accuracy
from seedbed.analysis.subjects.settings.factors import (
    Factor,
    Level,
    coarse,
    grid_factors,
    others,
)
from seedbed.display.charts.inline import Kind, inline
from seedbed.display.charts.parts import (
    heading,
    line_legend,
    line_looks,
    percent_axis,
    row_axis,
    shares,
    with_parameters,
)
from seedbed.display.charts.style import COLORS, GRAY, MOST_IN_LEGEND, Drawing
from seedbed.display.escape import printable
from seedbed.display.formatters import percent, percent_spread

HEIGHT: Final = 210
ROW: Final = 20
"""Pixels of a level's row."""
CELL: Final = 34
ROOM: Final = 90
"""Characters of all levels that stand beside each other."""
MOST_DOTS: Final = 200
"""Configurations that are drawn one by one beside the means of levels."""
HEAT: Final = ("#f1f4f8", "#c3d7ea", "#7fb0d6", "#2f7bb8", "#08306b")


def effects_chart(entries: Sequence[Entry]) -> Drawing | None:
    """Return a row for each level of each factor; ``None`` where fewer than two factors vary."""
    factors = list(map(coarse, grid_factors(entries)))
    if len(factors) < 2:
        return None
    many = len(factors[0].entries) > MOST_DOTS
    levels = [(factor, level) for factor in factors for level in factor.levels]
    names = [f"{factor.words} {level.text}" for factor, level in levels]
    of_levels = alt.Chart(
        inline(
            {
                "row": "string",
                "factor": "string",
                "mean": "number",
                "text": "string",
                "k": "number",
            },
            (
                (name, factor.words, level.mean, percent(level.mean), len(level.entries))
                for name, (factor, level) in zip(names, levels, strict=True)
            ),
        )
    )
    of_entries = alt.Chart(
        inline(
            {
                "row": "string",
                "factor": "string",
                "configuration": "string",
                "mean": "number",
                "spread": "string",
            },
            (
                (name, factor.words, entry.header.label, *_accuracy(entry))
                for name, (factor, level) in zip(names, levels, strict=True)
                for entry in (() if many else level.entries)
            ),
        )
    )
    of_spreads = alt.Chart(
        inline(
            {"row": "string", "factor": "string", "low": "number", "high": "number"},
            (
                (name, factor.words, *_middle(level))
                for name, (factor, level) in zip(names, levels, strict=True)
            ),
        )
    )
    scale = alt.Scale(zero=False)
    words = [factor.words for factor in factors]
    looks = [COLORS[place % len(COLORS)] for place in range(len(words))]
    color = alt.Color("factor:N", scale=alt.Scale(domain=words, range=looks), legend=None)
    row = alt.Y("row:N", sort=None, title=None, axis=row_axis("datum.label", labelLimit=170))
    axis = percent_axis("test accuracy")
    dots = of_entries.mark_circle(size=26, opacity=0.45).encode(
        x=alt.X("mean:Q", axis=axis, scale=scale),
        tooltip=[
            alt.Tooltip("configuration:N"),
            alt.Tooltip("spread:N", title="test accuracy, mean ± std"),
        ],
    )
    middle = of_spreads.mark_bar(height=7, opacity=0.3).encode(
        x=alt.X("low:Q", axis=axis, scale=scale), x2="high:Q"
    )
    mean = of_levels.mark_tick(thickness=3, size=15).encode(
        x=alt.X("mean:Q", axis=axis, scale=scale),
        tooltip=[
            alt.Tooltip("row:N", title="setting"),
            alt.Tooltip("text:N", title="mean test accuracy"),
            alt.Tooltip("k:Q", title="configurations"),
        ],
    )
    drawn = factors[0].entries
    chart = alt.layer(middle if many else dots, mean).encode(y=row, color=color)
    shown = "Bar: the middle 80% of" if many else "Dots:"
    return with_parameters(chart).properties(
        height=ROW * len(levels),
        title=heading(
            "Test accuracy by setting",
            f"{shown} configurations with this value; line: their mean. {len(drawn):,} "
            f"configurations, {runs_in_words(drawn)}. {about(drawn)}.",
        ),
    )


def _middle(level: Level) -> tuple[float, float]:
    """Return between which values the middle 80% of the accuracies of configurations are."""
    ranked = sorted(map(mean_accuracy, level.entries))
    tenth = (len(ranked) - 1) / 10
    return ranked[math.floor(tenth)], ranked[math.ceil(9 * tenth)]


def settings_of(entries: Sequence[Entry]) -> list[str]:
    """Return the settings that :func:`setting_chart` can be drawn for."""
    return [factor.name for factor in grid_factors(entries)]


def setting_chart(entries: Sequence[Entry], name: str) -> Drawing | None:
    """Return accuracy against one setting, a line for each combination of the others."""
    factors = grid_factors(entries)
    factor = next((each for each in factors if each.name == name), None)
    if factor is None:
        return None
    series = list(dict.fromkeys(others(factors, factor, e) for e in factor.levels[0].entries))
    few = len(series) <= MOST_IN_LEGEND
    rows = list(_points(factors, factor))
    columns: dict[str, Kind] = {
        "series": "string",
        "x": "number" if factor.numeric else "string",
        "configuration": "string",
        "mean": "number",
        "spread": "string",
        "std": "number",
        "n": "number",
    }
    means = alt.Chart(inline(columns, rows))
    legend = line_legend(series) if few and len(series) > 1 else None
    color, dash = line_looks(series, legend)
    axis = alt.Axis(title=factor.words, grid=False, labelAngle=0)
    if factor.numeric:
        values = [level.value for level in factor.levels if level.value is not None]
        axis = alt.Axis(
            title=factor.words,
            grid=False,
            values=values,
            labelExpr="format(datum.value, '.6~g')",
            labelOverlap=True,
        )
        scale = alt.Scale(type="log" if factor.logarithmic else "linear", nice=False, zero=False)
        x = alt.X("x:Q", axis=axis, scale=scale)
    else:
        x = alt.X("x:N", sort=None, axis=axis, scale=alt.Scale(padding=0.3))

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", axis=percent_axis("test accuracy"), scale=alt.Scale(zero=False))

    tooltip = [
        alt.Tooltip("configuration:N"),
        alt.Tooltip("spread:N", title="test accuracy, mean ± std"),
        alt.Tooltip("n:Q", title="runs (n)"),
    ]
    band = (
        means.transform_filter("isValid(datum.std)")
        .transform_calculate(**shares("datum.mean - datum.std", "datum.mean + datum.std"))
        .mark_area(opacity=0.15)
        .encode(x=x, y=y("low"), y2=alt.Y2("high:Q"), color=color)
    )
    line = means.mark_line(strokeWidth=2 if few else 1, opacity=1 if few else 0.6).encode(
        x=x, y=y("mean"), detail=alt.Detail("series:N")
    )
    dots = means.mark_circle(size=36 if few else 14, opacity=1).encode(
        x=x, y=y("mean"), tooltip=tooltip
    )
    if few:
        line, dots = line.encode(color=color, strokeDash=dash), dots.encode(color=color)
        layers = [band, line, dots] if factor.numeric else [line, dots]
        marks = "line: mean; band: ± 1 standard deviation" if factor.numeric else "line: mean"
    else:
        levels = alt.Chart(
            inline(
                {"x": columns["x"], "mean": "number", "text": "string"},
                ((_at(level), level.mean, percent(level.mean)) for level in factor.levels),
            )
        )
        bold = levels.mark_line(strokeWidth=3, color=COLORS[0], point={"size": 45}).encode(
            x=x, y=y("mean"), tooltip=[alt.Tooltip("text:N", title="mean test accuracy")]
        )
        gray = alt.ColorValue(GRAY)
        layers = [line.encode(color=gray), dots.encode(color=gray), bold]
        marks = f"gray: {len(series)} combinations of the other settings; blue: their mean"
    drawn = factor.entries
    return with_parameters(alt.layer(*layers)).properties(
        height=HEIGHT,
        title=heading(
            f"Test accuracy by {factor.words}",
            f"{runs_in_words(drawn)}; {marks}. {about(drawn)}.",
        ),
    )


def pairs_of(entries: Sequence[Entry]) -> list[str]:
    """Return the pairs of settings that :func:`two_settings_chart` can be drawn for."""
    return [f"{a.name} {b.name}" for a, b in combinations(grid_factors(entries), 2)]


def two_settings_chart(entries: Sequence[Entry], names: str) -> Drawing | None:
    """Return a heat map of mean accuracy by two settings."""
    factors = {factor.name: coarse(factor) for factor in grid_factors(entries)}
    first, _, second = names.partition(" ")
    if first not in factors or second not in factors:
        return None
    # The one with more levels lies along the wider axis.
    down, across = sorted((factors[first], factors[second]), key=lambda one: len(one.levels))
    # Levels are in order, and every two of a full grid meet.
    means: dict[tuple[str, str], list[float]] = {
        (row.text, column.text): [] for row in down.levels for column in across.levels
    }
    for entry in down.entries:
        means[down.level_of(entry).text, across.level_of(entry).text].append(mean_accuracy(entry))
    cells = [(*texts, statistics.fmean(of), len(of)) for texts, of in means.items()]
    low, high = min(cell[2] for cell in cells), max(cell[2] for cell in cells)
    columns: dict[str, Kind] = {
        "row": "string",
        "column": "string",
        "mean": "number",
        "k": "number",
    }
    of_cells = alt.Chart(inline(columns, cells)).transform_calculate(
        text="format(datum.mean * 100, '.1f')"
    )
    x = alt.X(
        "column:N",
        sort=None,
        axis=alt.Axis(
            title=across.words,
            labelAngle=-40 if sum(len(level.text) for level in across.levels) > ROOM else 0,
            ticks=False,
            domain=False,
        ),
    )
    y = alt.Y("row:N", sort=None, axis=alt.Axis(title=down.words, ticks=False, domain=False))
    tooltip = [
        alt.Tooltip("row:N", title=down.words),
        alt.Tooltip("column:N", title=across.words),
        alt.Tooltip("text:N", title="mean test accuracy (%)"),
        alt.Tooltip("k:Q", title="configurations"),
    ]
    color = alt.Color(
        "mean:Q",
        scale=alt.Scale(domain=[low, high] if high > low else [low - 0.01, high], range=list(HEAT)),
        legend=None,
    )
    middle = (low + high) / 2
    bright = alt.when(f"datum.mean > {middle!r}").then(alt.value("#ffffff"))
    fill = alt.ColorValue(**bright.otherwise(alt.value("#1a1a1a")))
    chart = alt.layer(
        of_cells.mark_rect(cornerRadius=2).encode(x=x, y=y, color=color, tooltip=tooltip),
        of_cells.mark_text(aria=False).encode(
            x=x, y=y, text=alt.Text("text:N"), color=fill, tooltip=tooltip
        ),
    )
    drawn = down.entries
    mean_of = "" if len(factors) == 2 else " Each cell is the mean over the other settings."
    return with_parameters(chart).properties(
        height=CELL * len(down.levels),
        title=heading(
            f"Test accuracy by {down.words} and {across.words}",
            f"Percent, mean over {runs_in_words(drawn)}.{mean_of} {about(drawn)}.",
        ),
    )


def _points(factors: Sequence[Factor], factor: Factor) -> Iterator[tuple[Any, ...]]:
    for level in factor.levels:
        for entry in level.entries:
            mean, text = _accuracy(entry)
            accuracy = accuracy_of(entry).test_accuracy
            series = others(factors, factor, entry) or factor.words
            yield (series, _at(level), entry.header.label, mean, text, accuracy.std, entry.header.n)


def _at(level: Level) -> float | str:
    return printable(level.text) if level.value is None else level.value


def _accuracy(entry: Entry) -> tuple[float, str]:
    accuracy = accuracy_of(entry).test_accuracy
    return mean_accuracy(entry), percent_spread(accuracy)
