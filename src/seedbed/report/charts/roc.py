"""ROC curves of one configuration: each class against the rest, averages, the chance line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import altair as alt
import numpy as np

from seedbed.report.charts.inline import inline
from seedbed.report.charts.parts import (
    about,
    heading,
    of_one,
    percent_axis,
    runs_in_words,
    with_parameters,
)
from seedbed.report.charts.style import DASHES, GREY, Drawing, Look, every_look
from seedbed.report.escape import printable
from seedbed.report.wording import NONE, spread
from seedbed.study.summary_file import Entry

MOST_CLASSES: Final = 10
"""Curves of classes; of more classes, those with the lowest AUC."""
HEIGHT: Final = 250
TOLERANCE: Final = 1e-4
"""Points nearer than this to the line between their neighbours are left out, as false and true
positive rate; in the corner, to a quarter of it."""
CORNERS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3)
"""Widths that the corner may have."""


@dataclass(frozen=True)
class _Curve:
    name: str
    """With its AUC, as the legend says it."""
    false: list[float]
    true: list[float]
    look: Look
    average: bool

    @property
    def distance(self) -> float:
        """How near the curve comes to the corner, as the larger of its two errors."""
        return min(max(x, 1 - y) for x, y in zip(self.false, self.true, strict=True))


def roc(entries: Sequence[Entry]) -> Drawing | None:
    """Return the curves. A page that sets the parameter ``zoom`` to true shows the corner alone."""
    return _drawing(entries, zoom=False)


def roc_corner(entries: Sequence[Entry]) -> Drawing | None:
    """Return the corner where all curves of a good classifier crowd, or ``None`` if they do not."""
    return _drawing(entries, zoom=True)


def _drawing(entries: Sequence[Entry], *, zoom: bool) -> Drawing | None:
    (entry,) = entries
    curves = list(_curves(entry))
    if not curves:
        return None
    corner = _corner(curves)
    if zoom and corner is None:
        return None
    data = inline(
        {"k": "number", "order": "number", "x": "number", "y": "number"},
        (
            (number, order, x, y)
            for number, curve in enumerate(curves)
            for order, (x, y) in enumerate(_points(curve, corner or 1.0, zoom=zoom))
        ),
    )
    names = [curve.name for curve in curves]
    averages = sum(curve.average for curve in curves)  # which come first
    legend = alt.Legend(
        title="average or class · AUC, mean ± std",
        orient="bottom",
        columns=2 if max(map(len, names)) <= 21 else 1,
        symbolType="stroke",
        symbolSize=220,
        labelExpr="curves[datum.value]",
        labelLimit=260,
    )
    lines = (
        alt.Chart(data)
        .transform_calculate(curve="curves[datum.k]")
        .mark_line(clip=True, interpolate="linear")
        .encode(
            x=_axis("x", "false positive rate", corner, low=True),
            y=_axis("y", "true positive rate", corner, low=False),
            order=alt.Order("order:Q"),
            color=_by_curve(alt.Color, [curve.look.colour for curve in curves], legend),
            strokeDash=_by_curve(
                alt.StrokeDash, [list(curve.look.dash) for curve in curves], legend
            ),
            strokeWidth=alt.when(f"datum.k < {averages}")
            .then(alt.value(2.4))
            .otherwise(alt.value(1.3)),
            tooltip=[
                alt.Tooltip("curve:N", title="class · AUC"),
                alt.Tooltip("x:Q", title="false positive rate", format=".4f"),
                alt.Tooltip("y:Q", title="true positive rate", format=".4f"),
            ],
        )
    )
    chance = (
        alt.Chart(inline({"x": "number", "y": "number"}, [(0.0, 0.0), (1.0, 1.0)]))
        .mark_line(color=GREY, strokeDash=[3, 3], strokeWidth=1, clip=True)
        .encode(x="x:Q", y="y:Q")
    )
    number = len(curves) - averages
    classes = len(entry["auc"]["per_class"]["mean"])
    cut = f" The {number} of {classes} classes with the lowest AUC." if number < classes else ""
    where = ", corner" if zoom else ""
    chart = alt.layer(chance, lines).properties(
        height=HEIGHT,
        title=heading(
            f"ROC{where}{of_one(entry)}",
            f"One class against the rest, {_mean(entry)}.{cut} Dashed grey: chance. "
            f"{about(entries)}.",
        ),
    )
    return with_parameters(
        chart, alt.param(name="zoom", value=zoom), alt.param(name="curves", value=names)
    )


def _by_curve(channel: Any, values: Sequence[Any], legend: alt.Legend) -> Any:
    scale = alt.Scale(domain=list(range(len(values))), range=values)
    return channel("k:N", scale=scale, legend=legend)


def _mean(entry: Entry) -> str:
    return f"mean over {runs_in_words([entry])}" if entry["n"] > 1 else "one run"


def _curves(entry: Entry) -> Iterator[_Curve]:
    found, auc = entry["roc_curves"], entry["auc"]
    if not found:
        return
    for name, look in (("macro", Look(GREY, DASHES[0])), ("micro", Look(GREY, DASHES[1]))):
        if found[name]:
            yield _curve(name, found[name], auc[name], look, average=True)
    of_class = auc["per_class"]
    present = [number for number, curve in enumerate(found["per_class"]) if curve]
    worst = sorted(present, key=lambda number: of_class["mean"][number])[:MOST_CLASSES]
    for number, look in zip(sorted(worst), every_look(), strict=False):
        numbers = {key: of_class[key][number] for key in ("mean", "std")}
        name = printable(entry["class_names"][number])
        yield _curve(name, found["per_class"][number], numbers, look, average=False)


def _curve(name: str, points: Any, auc: Any, look: Look, *, average: bool) -> _Curve:
    short = name if len(name) <= 40 else f"{name[:39]}…"
    words = spread(auc)
    return _Curve(
        f"{short} · {words}" if words != NONE else short,
        points["false_positive_rate"],
        points["true_positive_rate"],
        look,
        average,
    )


def _corner(curves: Sequence[_Curve]) -> float | None:
    """Return how wide the corner is that shows the bend of every curve."""
    wanted = 3 * max(curve.distance for curve in curves)
    return next((width for width in CORNERS if width >= wanted), None)


def _axis(field: str, title: str, corner: float | None, *, low: bool) -> Any:
    """Return an axis that shows all, or if ``zoom`` is set the corner."""
    width = 1.0 if corner is None else corner
    channel = alt.X if low else alt.Y
    bottom = 0 if low else alt.ExprRef(f"zoom ? {1 - width!r} : 0")
    top = alt.ExprRef(f"zoom ? {width!r} : 1") if low else 1
    return channel(
        f"{field}:Q",
        scale=alt.Scale(domainMin=bottom, domainMax=top, nice=False, zero=False),
        axis=percent_axis(title),
    )


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
        worst, place = 0.0, first
        for number in range(first + 1, last):
            x, y = points[number]
            inside = x <= corner and y >= 1 - corner
            distance = abs((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) / length
            weighted = distance / (corner if inside else 1.0)
            if weighted > worst:
                worst, place = weighted, number
        if worst > TOLERANCE * 10:
            kept.add(place)
            parts += [(first, place), (place, last)]
    return [points[number] for number in sorted(kept)]
