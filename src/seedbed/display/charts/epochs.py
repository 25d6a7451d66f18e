"""Something measured after every epoch: runs thin, their mean thick, its spread as a band."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import altair as alt

from seedbed.display.charts.inline import Columns, csv_text, filled, named
from seedbed.display.charts.parts import (
    SHOWN,
    layered,
    nearest_point,
    nearest_tooltip,
    percent_axis,
    shares,
    spoken,
)
from seedbed.display.charts.style import Drawing

BAND: Final = "thin: runs; thick: mean; band: ± 1 standard deviation"
"""What the marks are, for the subtitle; see :func:`marks`."""
CROWDED: Final = 4
"""From so many lines on, those of single runs are fainter."""
WIDE: Final = 20.0
"""Losses that differ by more than this factor are drawn on a logarithmic axis."""
MOST_TICKS: Final = 10
HEIGHT: Final = 210

_HOVERED: Final = "!isValid(hover.c) || indexof(hover.c, datum.c) >= 0"
"""Whether the pointer is near no line at all, or near this configuration's."""


@dataclass(frozen=True)
class Line:
    """One measure of one configuration."""

    configuration: str
    what: str
    seeds: Sequence[int]
    epochs: Sequence[int]
    runs: Sequence[Sequence[float | None]]
    """Of each seed, a value an epoch; ``None`` where it is not finite."""

    def means(self) -> Iterator[tuple[int, float, float | None, int]]:
        """Yield epoch, mean, standard deviation and n, of the epochs in which a run has a value."""
        for epoch, *values in zip(self.epochs, *self.runs, strict=True):
            defined = [value for value in values if value is not None]
            if defined:
                std = statistics.stdev(defined) if len(defined) > 1 else None
                yield epoch, statistics.fmean(defined), std, len(defined)

    def values(self) -> list[float]:
        """Return all values there are."""
        return [value for run in self.runs for value in run if value is not None]


def marks(lines: Sequence[Line]) -> str:
    """Say what the marks are: one run alone has neither mean nor band."""
    return BAND if any(len(line.runs) > 1 for line in lines) else "one run, no spread"


@dataclass(frozen=True)
class Shape:
    """What decides how lines over epochs are drawn, but for their data."""

    name: str
    """Of the measure, for the axis and tooltips."""
    fractions: bool
    """Whether values are from 0 to 1 and shown as percentages."""
    logarithmic: bool
    crowded: bool
    one_epoch: bool
    several_whats: bool

    @classmethod
    def of(cls, lines: Sequence[Line], name: str, *, fractions: bool) -> "Shape":
        """Return the shape of these lines, at least one."""
        return cls(
            name,
            fractions,
            logarithmic=not fractions and _is_wide(lines),
            crowded=len(lines) > CROWDED,
            one_epoch=all(line.epochs[-1] == 1 for line in lines),
            several_whats=len({line.what for line in lines}) > 1,
        )


def frame(shape: Shape, look: Sequence[alt.Color | alt.StrokeDash]) -> Drawing:
    """Return the chart without data.

    Args:
        shape: Of the lines.
        look: The encoding of colors and dashes, by ``configuration`` or ``what``.

    """
    name = shape.name

    def drawn(data: alt.NamedData) -> alt.Chart:
        return (
            alt.Chart(data)
            .transform_calculate(configuration="configurations[datum.c]", what="whats[datum.w]")
            .transform_filter(SHOWN)
        )

    of_runs, of_means = drawn(named("runs", _RUNS)), drawn(named("means", _MEANS))
    x = alt.X(
        "epoch:Q",
        scale=alt.Scale(nice=False, zero=False),
        axis=alt.Axis(title="epoch", format="d", values=alt.ExprRef("ticks"), grid=False),
    )
    scale = alt.Scale(type="log", nice=False) if shape.logarithmic else alt.Scale(zero=False)
    axis = alt.Axis(title=name, format="~g", tickCount=5)
    if shape.fractions:
        axis = percent_axis(name)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=scale, axis=axis)

    low, high = "datum.mean - datum.std", "datum.mean + datum.std"
    ends = {"low": f"max({low}, floor)" if shape.logarithmic else low, "high": high}
    if shape.fractions:
        ends = shares(low, high)
    band = (
        of_means.transform_filter("isValid(datum.std)")
        .transform_calculate(**ends)
        .mark_area(opacity=0.18, clip=True)
        .encode(
            x=x,
            y=y("low"),
            y2=alt.Y2("high:Q"),
            color=look[0],
            detail=[alt.Detail("c:N"), alt.Detail("w:N")],
        )
    )
    thin = of_runs.mark_line(strokeWidth=0.7, opacity=0.25 if shape.crowded else 0.5).encode(
        *look,
        x=x,
        y=y("value"),
        detail=[alt.Detail("c:N"), alt.Detail("w:N"), alt.Detail("seed:N")],
    )
    thick = of_means.mark_line(strokeWidth=1.6 if shape.crowded else 2).encode(
        *look,
        x=x,
        y=y("mean"),
        detail=[alt.Detail("c:N"), alt.Detail("w:N")],
        opacity=alt.OpacityValue(
            **alt.when(_HOVERED).then(alt.value(1)).otherwise(alt.value(0.25))
        ),
    )
    hover = nearest_point("c", "w", "epoch")
    seen = alt.value(1 if shape.one_epoch else 0)
    texts = {"configuration": "datum.configuration", "of": "datum.what", "epoch": "datum.epoch"}
    if not shape.several_whats:
        del texts["of"]
    texts |= {
        f"{name}, mean ± std": _text(fractions=shape.fractions),
        "runs (n)": "datum.n",
    }
    points = (
        of_means.transform_calculate(spoken_text=spoken(texts))
        .mark_point(size=45, filled=True, tooltip=nearest_tooltip(texts))
        .encode(
            x=x,
            y=y("mean"),
            color=look[0],
            opacity=alt.OpacityValue(**alt.when(hover).then(alt.value(1)).otherwise(seen)),
            description=alt.Description("spoken_text:N"),
        )
        .add_params(hover)
    )
    return layered(band, thin, thick, points, height=HEIGHT)


def with_lines(chart: Drawing, lines: Sequence[Line], title: alt.TitleParams) -> Drawing:
    """Return the frame of these lines with them in it."""
    configurations = list(dict.fromkeys(line.configuration for line in lines))
    whats = list(dict.fromkeys(line.what for line in lines))
    places = [(configurations.index(line.configuration), whats.index(line.what)) for line in lines]
    return filled(
        chart,
        title,
        {
            "runs": csv_text(_RUNS, _run_rows(lines, places)),
            "means": csv_text(_MEANS, _mean_rows(lines, places)),
        },
        {
            "shown": None,
            "configurations": configurations,
            "whats": whats,
            "ticks": _ticks(max(line.epochs[-1] for line in lines)),
            "floor": min(value for line in lines for value in line.values()),
        },
    )


_RUNS: Final[Columns] = dict.fromkeys(("c", "w", "seed", "epoch", "value"), "number")
_MEANS: Final[Columns] = dict.fromkeys(("c", "w", "epoch", "mean", "std", "n"), "number")


def _ticks(last: int) -> list[int]:
    """Return round numbers of epochs for the axis; Vega would also mark half ones."""
    steps = (step * 10**power for power in range(9) for step in (1, 2, 5))
    step = next(step for step in steps if last <= MOST_TICKS * step)
    return list(range(step, last + 1, step))


def _run_rows(
    lines: Sequence[Line], places: Sequence[tuple[int, int]]
) -> Iterator[tuple[Any, ...]]:
    for line, place in zip(lines, places, strict=True):
        for seed, run in zip(line.seeds, line.runs, strict=True):
            for epoch, value in zip(line.epochs, run, strict=True):
                yield (*place, seed, epoch, value)


def _mean_rows(
    lines: Sequence[Line], places: Sequence[tuple[int, int]]
) -> Iterator[tuple[Any, ...]]:
    for line, place in zip(lines, places, strict=True):
        for row in line.means():
            yield (*place, *row)


def _is_wide(lines: Sequence[Line]) -> bool:
    values = [value for line in lines for value in line.values()]
    return min(values) > 0 and max(values) / min(values) > WIDE


def _text(*, fractions: bool) -> str:
    """Return the expression for mean ± deviation, rounded as tables do it."""
    factor, form, unit = (" * 100", ".2f", "%") if fractions else ("", ".4f", "")

    def of(field: str) -> str:
        return f"format(datum.{field}{factor}, '{form}')"

    return f"{of('mean')} + (isValid(datum.std) ? ' ± ' + {of('std')} : '') + '{unit}'"
