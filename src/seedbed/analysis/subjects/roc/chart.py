"""ROC curves of one configuration: each class against the rest, averages, the chance line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import altair as alt
import numpy as np

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.chart_captions import about, of_one, runs_in_words
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.roc.result import Curve, Roc
from seedbed.display.charts.inline import Columns, csv_text, filled, inline, named
from seedbed.display.charts.parts import (
    heading,
    isolated,
    layered,
    nearest_point,
    nearest_tooltip,
    spoken,
)
from seedbed.display.charts.style import DASHES, GRAY, Drawing, Look, every_look
from seedbed.display.escape import printable
from seedbed.display.formatters import spread

MOST_CLASSES: Final = 10
"""Curves of classes; of more classes, those with the lowest AUC."""
HEIGHT: Final = 230
TOLERANCE: Final = 1e-4
"""Points nearer than this to the line between their neighbors are left out, as false and true
positive rate; in the corner, to a quarter of it."""
LONGEST: Final = 40
"""Characters of a class name in the legend; tooltips have all."""
NARROW: Final = 24
"""Up to so many characters, the legend has two columns."""
COLUMNS: Final[Columns] = {"k": "number", "order": "number", "x": "number", "y": "number"}
CORNERS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
"""Widths that the corner may have."""


@dataclass(frozen=True)
class _Curve:
    name: str
    auc: str
    """Mean ± deviation."""
    false: tuple[float, ...]
    true: tuple[float, ...]
    look: Look
    average: bool

    @property
    def distance(self) -> float:
        """How near the curve comes to the corner, as the larger of its two errors."""
        return min(max(x, 1 - y) for x, y in zip(self.false, self.true, strict=True))


def curves(entries: Sequence[Entry]) -> Drawing | None:
    """Return the curves, on axes from 0 to 1."""
    return _drawing(entries, zoom=False)


def corner(entries: Sequence[Entry]) -> Drawing | None:
    """Return the corner where all curves of a good classifier crowd, or ``None`` if they do not."""
    return _drawing(entries, zoom=True)


def _drawing(entries: Sequence[Entry], *, zoom: bool) -> Drawing | None:
    (entry,) = entries
    result = entry.view(Roc)
    curves = list(_curves(entry, result)) if result else []
    if not result or not curves:
        return None
    corner = _corner(curves)
    if zoom and corner is None:
        return None
    rows = (
        (number, order, x, y)
        for number, curve in enumerate(curves)
        for order, (x, y) in enumerate(_points(curve, corner or 1.0, zoom=zoom))
    )
    averages = sum(curve.average for curve in curves)
    number, classes = len(curves) - averages, len(result.roc_curves.per_class)
    cut = f" The {number} of {classes} classes with the lowest AUC." if number < classes else ""
    title = heading(
        f"ROC{', corner' if zoom else ''}{of_one(entry)}",
        f"One class against the rest, {_mean(entry)}.{cut} Dashed gray: chance. {about(entries)}.",
    )
    short = [_with_auc(curve, LONGEST).partition(" ±")[0] for curve in curves]
    return filled(
        _frame(
            tuple(curve.look for curve in curves),
            averages,
            columns=2 if max(map(len, short)) <= NARROW else 1,
        ),
        title,
        {"points": csv_text(COLUMNS, rows)},
        {
            "zoom": zoom,
            "corner": corner or 1.0,
            "curves": [_with_auc(curve) for curve in curves],
            "short": short,
        },
    )


@cache
def _frame(looks: tuple[Look, ...], averages: int, columns: int) -> Drawing:
    legend = alt.Legend(
        title="average or class · mean AUC",
        orient="bottom",
        columns=columns,
        symbolType="stroke",
        symbolSize=220,
        labelExpr="short[datum.value]",
    )
    average = alt.when(f"datum.k < {averages}")
    wide = alt.StrokeWidthValue(**average.then(alt.value(2.4)).otherwise(alt.value(1.3)))
    points = alt.Chart(named("points", COLUMNS))
    x = _axis(alt.X, "x", "false positive rate", "0", "zoom ? corner : 1")
    y = _axis(alt.Y, "y", "true positive rate", "zoom ? 1 - corner : 0", "1")
    color = _by_curve(alt.Color, [look.color for look in looks], legend)
    near = "!isValid(hover.k) || indexof(hover.k, datum.k) >= 0"
    lines = points.mark_line(clip=True).encode(
        x=x,
        y=y,
        order=alt.Order("order:Q"),
        color=color,
        strokeDash=_by_curve(alt.StrokeDash, [list(look.dash) for look in looks], legend),
        strokeWidth=wide,
        opacity=alt.OpacityValue(**alt.when(near).then(alt.value(1)).otherwise(alt.value(0.3))),
    )
    hover = nearest_point("k", "order")
    texts = {
        "class · AUC": "curves[datum.k]",
        "false positive rate": "format(datum.x, '.4f')",
        "true positive rate": "format(datum.y, '.4f')",
    }
    dots = (
        points.transform_filter("!zoom || (datum.x <= corner && datum.y >= 1 - corner)")
        .transform_calculate(text=spoken(texts))
        .mark_point(filled=True, size=40, tooltip=nearest_tooltip(texts))
        .encode(
            x=x,
            y=y,
            color=color,
            opacity=alt.OpacityValue(**alt.when(hover).then(alt.value(1)).otherwise(alt.value(0))),
            description=alt.Description("text:N"),
        )
        .add_params(hover)
    )
    chance = (
        alt.Chart(inline({"x": "number", "y": "number"}, [(0, 0), (1, 1)]))
        .mark_line(color=GRAY, strokeDash=[3, 3], strokeWidth=1, clip=True)
        .encode(x=alt.X("x:Q"), y=alt.Y("y:Q"))
    )
    return layered(chance, lines, dots, height=HEIGHT)


def _by_curve(channel: Any, values: Sequence[Any], legend: alt.Legend) -> Any:
    scale = alt.Scale(domain=list(range(len(values))), range=values)
    return channel("k:N", scale=scale, legend=legend)


def _mean(entry: Entry) -> str:
    return f"mean over {runs_in_words([entry])}" if entry.header.n > 1 else "one run"


def _curves(entry: Entry, result: Roc) -> Iterator[_Curve]:
    auc, curves = result.auc, result.roc_curves
    for name, curve, area, look in (
        ("macro", curves.macro, auc.macro, Look(GRAY, DASHES[0])),
        ("micro", curves.micro, auc.micro, Look(GRAY, DASHES[1])),
    ):
        if curve:
            yield _curve(name, curve, area, look, average=True)
    areas = {
        number: auc.per_class.of(number) for number, curve in enumerate(curves.per_class) if curve
    }
    worst = sorted(areas, key=lambda number: areas[number].mean or 0.0)[:MOST_CLASSES]
    names = entry.header.class_names or ()
    for number, look in zip(sorted(worst), every_look(), strict=False):
        curve = curves.per_class[number]
        assert curve is not None
        yield _curve(printable(names[number]), curve, areas[number], look, average=False)


def _curve(name: str, curve: Curve, auc: Aggregate, look: Look, *, average: bool) -> _Curve:
    points = curve.false_positive_rate, curve.true_positive_rate
    return _Curve(name, spread(auc), *points, look, average)


def _with_auc(curve: _Curve, longest: int | None = None) -> str:
    """Return the name of a curve and its AUC, mean ± std."""
    name = curve.name
    if longest and len(name) > longest:
        name = f"{name[: longest - 1]}…"
    return f"{isolated(name)} · {curve.auc}"


def _corner(curves: Sequence[_Curve]) -> float | None:
    """Return how wide the corner is that shows the bend of every curve."""
    wanted = 3 * max(curve.distance for curve in curves)
    return next((width for width in CORNERS if width >= wanted), None)


def _axis(channel: Any, field: str, title: str, low: str, high: str) -> Any:
    ends = {"domainMin": alt.ExprRef(low), "domainMax": alt.ExprRef(high)}
    scale = alt.Scale(nice=False, zero=False, **ends)
    return channel(f"{field}:Q", scale=scale, axis=alt.Axis(title=title, format="~g", tickCount=6))


def _points(curve: _Curve, corner: float, *, zoom: bool) -> list[tuple[float, float]]:
    """Return what is drawn of a curve: all, or what lies in the corner."""
    points = _thinned(curve, corner)
    if not zoom:
        return points
    # A dashed line that goes on far outside of the picture takes seconds to be drawn.
    x, y = np.array(points).T
    low = float(np.interp(1 - corner, y, x))
    high = float(np.interp(corner, x, y))
    inside = [(a, b) for a, b in points if a < corner and b > 1 - corner]
    return [(low, 1 - corner), *inside, (corner, high)]


def _thinned(curve: _Curve, corner: float) -> list[tuple[float, float]]:
    """Return the points that are needed for the eye, as Douglas and Peucker choose them."""
    points = list(zip(curve.false, curve.true, strict=True))
    kept = {0, len(points) - 1}
    parts = [(0, len(points) - 1)]
    while parts:
        first, last = parts.pop()
        (x0, y0), (x1, y1) = points[first], points[last]
        length = max(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5, 1e-12)
        worst, farthest = 0.0, first
        for number in range(first + 1, last):
            x, y = points[number]
            inside = x <= corner and y >= 1 - corner
            distance = abs((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) / length
            weighted = distance / (corner if inside else 1.0)
            if weighted > worst:
                worst, farthest = weighted, number
        if worst > TOLERANCE * 10:
            kept.add(farthest)
            parts += [(first, farthest), (farthest, last)]
    return [points[number] for number in sorted(kept)]
