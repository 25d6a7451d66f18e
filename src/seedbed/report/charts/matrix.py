"""A matrix of rates as coloured cells: rows are what is, columns what it is taken for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import altair as alt

from seedbed.report.charts.inline import Kind, inline
from seedbed.report.charts.parts import with_parameters
from seedbed.report.charts.style import ERRORS, Drawing
from seedbed.report.escape import printable

MOST: Final = 30
"""Classes that a matrix shows; of more, those with the highest rates beside the diagonal."""
MOST_WRITTEN: Final = 11
"""Up to so many classes, the numbers stand in the cells."""
TONED_DOWN: Final = "#80808033"
"""Of the diagonal, where nothing is wrong."""


@dataclass(frozen=True)
class Cell:
    """One cell; classes are numbers."""

    row: int
    column: int
    rate: float
    tooltip: Sequence[Any]
    """Further values, for the columns that the tooltip has."""


def most_confused(matrix: Sequence[Sequence[float]], most: int = MOST) -> list[int]:
    """Return the numbers of the classes that are confused most, in their own order.

    What counts is all that leaves a class and all that is taken for it.
    """
    places = range(len(matrix))
    if len(matrix) <= most:
        return list(places)
    errors = [
        sum(matrix[place][other] + matrix[other][place] for other in places if other != place)
        for place in places
    ]
    return sorted(sorted(places, key=lambda place: -errors[place])[:most])


def heat_map(
    cells: Iterable[Cell],
    class_names: Sequence[str],
    classes: Sequence[int],
    *,
    axes: tuple[str, str],
    columns: Mapping[str, tuple[Kind, str]],
    legend: str,
    highest: float | None = None,
) -> Drawing:
    """Return coloured cells, the diagonal toned down.

    Args:
        cells: All of them.
        class_names: Of all classes, by number; two classes may share a name.
        classes: The numbers of those shown, in this order.
        axes: What rows and columns are.
        columns: Of the tooltip: name -> kind and title, as many as a cell has ``tooltip`` values.
        legend: What the colours mean.
        highest: Rate of the darkest colour; by default the highest beside the diagonal.

    """
    shown = list(cells)
    names = [printable(name) for name in class_names]
    beside = [cell.rate for cell in shown if cell.row != cell.column]
    top = highest or max(beside, default=0.0) or 1.0
    data = inline(
        {
            "row": "number",
            "column": "number",
            "rate": "number",
            **{name: kind for name, (kind, _) in columns.items()},
        },
        ((cell.row, cell.column, cell.rate, *cell.tooltip) for cell in shown),
    )
    of_cells = alt.Chart(data).transform_calculate(
        true="classes[datum.row]", predicted="classes[datum.column]"
    )
    written = len(classes) <= MOST_WRITTEN
    axis: dict[str, Any] = {
        "labelExpr": "classes[datum.value]",
        "labelLimit": 70 if written else 55,
        "ticks": False,
        "domain": False,
        "labelOverlap": not written,
    }
    x = alt.X(
        "column:O",
        title=axes[1],
        axis=alt.Axis(labelAngle=-45 if _long(names, classes) else 0, **axis),
        scale=alt.Scale(padding=0),
    )
    y = alt.Y(
        "row:O",
        sort=list(classes),
        title=axes[0],
        axis=alt.Axis(**axis),
        scale=alt.Scale(padding=0),
    )
    tooltip = [
        alt.Tooltip("true:N", title=axes[0]),
        alt.Tooltip("predicted:N", title=axes[1]),
        *(
            alt.Tooltip(f"{name}:{'Q' if kind == 'number' else 'N'}", title=title)
            for name, (kind, title) in columns.items()
        ),
    ]
    rate = alt.Color(
        "rate:Q",
        scale=alt.Scale(type="sqrt", domain=[0, top], range=list(ERRORS), clamp=True),
        legend=alt.Legend(
            title=legend,
            orient="bottom",
            titleLimit=280,
            gradientLength=150,
            gradientThickness=8,
            labelExpr="format(datum.value * 100, '~g')",
            tickCount=4,
        ),
    )
    colour = alt.when("datum.row === datum.column").then(alt.value(TONED_DOWN)).otherwise(rate)
    layers = [of_cells.mark_rect().encode(x=x, y=y, color=colour, tooltip=tooltip)]
    if written:
        # Only what is dark gets white text; the text of the diagonal is that of the page.
        dark = f"datum.row !== datum.column && datum.rate > {0.3 * top!r}"
        text = of_cells.transform_filter("datum.rate >= 0.0005").transform_calculate(
            text="format(datum.rate * 100, datum.rate < 0.9995 ? '.1f' : '.0f')"
        )
        for condition, fill in (
            (dark, "#ffffff"),
            (f"datum.row !== datum.column && !({dark})", "#1a1a1a"),
            ("datum.row === datum.column", None),
        ):
            mark = text.transform_filter(condition)
            mark = mark.mark_text(color=fill) if fill else mark.mark_text()
            layers.append(mark.encode(x=x, y=y, text="text:N"))
    chart = alt.layer(*layers).properties(height=height(len(classes)))
    return with_parameters(chart, alt.param(name="classes", value=names))


def height(classes: int) -> int:
    """Return how high a matrix is, so that its cells are nearly square at the width of a column."""
    return 235 if classes > 4 else 60 * max(classes, 1)


def _long(names: Sequence[str], classes: Sequence[int]) -> bool:
    return len(classes) > MOST_WRITTEN or any(len(names[each]) > 4 for each in classes)
