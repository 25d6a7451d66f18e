"""Something measured after every epoch: runs thin, their mean thick, its spread as a band."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import altair as alt

from seedbed.evaluation.spread import Spread
from seedbed.report.charts.inline import inline
from seedbed.report.charts.parts import SHOWN, label, percent_axis, shown, with_parameters
from seedbed.report.charts.style import Drawing
from seedbed.study.summary_file import Entry

BAND: Final = "thin: runs; thick: mean; band: ± 1 standard deviation"
"""What the marks are, for the subtitle; see :func:`marks`."""
CROWDED: Final = 4
"""From so many lines on, those of single runs are fainter."""
WIDE: Final = 20.0
"""Losses that differ by more than this factor are drawn on a logarithmic axis."""
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

    @classmethod
    def of(cls, entry: Entry, what: str, key: str) -> "Line | None":
        """Return a measure of ``entry["curves"]``, or ``None`` where there is none."""
        curves = entry.get("curves") or {}
        if not any(value is not None for run in curves.get(key) or () for value in run):
            return None
        return cls(label(entry), what, entry["seeds"], curves["epoch"], curves[key])

    def means(self) -> Iterator[tuple[int, float, float | None, int]]:
        """Yield epoch, mean, standard deviation and n, of the epochs in which a run has a value."""
        for epoch, *values in zip(self.epochs, *self.runs, strict=True):
            found = Spread.of(values)
            if found.mean is not None:
                yield epoch, found.mean, found.std, found.n

    def values(self) -> list[float]:
        """Return all values there are."""
        return [value for run in self.runs for value in run if value is not None]


def marks(lines: Sequence[Line]) -> str:
    """Say what the marks are: one run alone has neither mean nor band."""
    return BAND if any(len(line.runs) > 1 for line in lines) else "one run, no spread"


def over_epochs(
    lines: Sequence[Line],
    name: str,
    *,
    fractions: bool,
    look: Sequence[alt.Color | alt.StrokeDash],
) -> Drawing:
    """Return the chart of these lines.

    Args:
        lines: At least one.
        name: Of the measure, with its unit if it is no fraction; for the axis and tooltips.
        fractions: Whether values are from 0 to 1 and shown as percentages.
        look: The encoding of colours and dashes, by ``configuration`` or ``what``.

    """
    configurations = list(dict.fromkeys(line.configuration for line in lines))
    whats = list(dict.fromkeys(line.what for line in lines))
    places = [(configurations.index(each.configuration), whats.index(each.what)) for each in lines]
    last = max(line.epochs[-1] for line in lines)
    floor = min(value for line in lines for value in line.values())
    logarithmic = not fractions and _is_wide(lines)

    def drawn(data: alt.InlineData) -> alt.Chart:
        return (
            alt.Chart(data)
            .transform_calculate(configuration="configurations[datum.c]", what="whats[datum.w]")
            .transform_filter(SHOWN)
        )

    of_runs = drawn(inline(_RUNS, _run_rows(lines, places)))
    of_means = drawn(inline(_MEANS, _mean_rows(lines, places)))
    scale = alt.Scale(type="log", nice=False) if logarithmic else alt.Scale(zero=False, nice=True)
    axis = percent_axis(name) if fractions else alt.Axis(title=name, format="~g", tickCount=5)
    x = alt.X(
        "epoch:Q",
        scale=alt.Scale(domain=[min(line.epochs[0] for line in lines), last], nice=False),
        axis=alt.Axis(title="epoch", format="d", tickMinStep=1, tickCount=8, grid=False),
    )

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=scale, axis=axis)

    bottom = f"max(datum.mean - datum.std, {floor!r})" if logarithmic else "datum.mean - datum.std"
    band = (
        of_means.transform_filter("isValid(datum.std)")
        .transform_calculate(low=bottom, high="datum.mean + datum.std")
        .mark_area(opacity=0.18, clip=True)
        .encode(x=x, y=y("low"), y2="high:Q", color=look[0], detail=["c:N", "w:N"])
    )
    crowd = len(lines) > CROWDED
    thin = of_runs.mark_line(strokeWidth=0.7, opacity=0.25 if crowd else 0.5).encode(
        *look, x=x, y=y("value"), detail=["c:N", "w:N", "seed:N"]
    )
    thick = of_means.mark_line(strokeWidth=1.6 if crowd else 2).encode(
        *look,
        x=x,
        y=y("mean"),
        detail=["c:N", "w:N"],
        opacity=alt.when(_HOVERED).then(alt.value(1)).otherwise(alt.value(0.25)),
    )
    hover = alt.selection_point(
        name="hover",
        fields=["c", "w", "epoch"],
        on="pointerover",
        clear="pointerout",
        nearest=True,
        empty=False,
    )
    opaque = alt.when(hover).then(alt.value(1)).otherwise(alt.value(1 if last == 1 else 0))
    points = (
        of_means.transform_calculate(text=_text(fractions=fractions))
        .mark_point(size=45, filled=True)
        .encode(
            x=x,
            y=y("mean"),
            color=look[0],
            opacity=opaque,
            tooltip=[
                alt.Tooltip("configuration:N"),
                *([alt.Tooltip("what:N", title="of")] if len(whats) > 1 else []),
                alt.Tooltip("epoch:Q"),
                alt.Tooltip("text:N", title=f"{name}, mean ± std"),
                alt.Tooltip("n:Q", title="runs (n)"),
            ],
        )
        .add_params(hover)
    )
    chart = alt.layer(band, thin, thick, points).properties(height=HEIGHT)
    return with_parameters(
        chart,
        shown(),
        alt.param(name="configurations", value=configurations),
        alt.param(name="whats", value=whats),
    )


_RUNS: Final[Any] = dict.fromkeys(("c", "w", "seed", "epoch", "value"), "number")
_MEANS: Final[Any] = dict.fromkeys(("c", "w", "epoch", "mean", "std", "n"), "number")


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
    factor, form, unit = (" * 100", ".2f", " %") if fractions else ("", ".4f", "")

    def of(field: str) -> str:
        return f"format(datum.{field}{factor}, '{form}')"

    return f"{of('mean')} + (isValid(datum.std) ? ' ± ' + {of('std')} : '') + '{unit}'"
