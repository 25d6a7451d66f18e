"""A matrix of rates as colored cells: rows are true classes, columns predicted (noisy) ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import altair as alt

from seedbed.display.charts.inline import Columns, Kind, csv_text, filled, named
from seedbed.display.charts.parts import layered
from seedbed.display.charts.style import ERRORS, Drawing
from seedbed.display.escape import printable

MOST: Final = 30
"""Classes that a matrix shows; of more, those with the highest rates beside the diagonal."""
MOST_WRITTEN: Final = 11
"""Up to so many classes, the numbers stand in the cells."""
SHORT: Final = 4
"""Characters of class names that stand upright below a matrix."""
TONED_DOWN: Final = "#80808033"
"""Of the diagonal, where nothing is wrong."""


@dataclass(frozen=True)
class Wording:
    """What a kind of matrix is about."""

    rows: str
    columns: str
    legend: str
    """What the colors mean."""
    tooltip: tuple[tuple[str, Kind, str], ...]
    """Further values of a cell: name, kind and title."""

    @property
    def data(self) -> Columns:
        """The columns of the data."""
        return {
            **dict.fromkeys(("row", "column", "rate"), "number"),
            **{name: kind for name, kind, _ in self.tooltip},
        }


@dataclass(frozen=True)
class Cell:
    """One cell; classes are numbers."""

    row: int
    column: int
    rate: float
    tooltip: Sequence[Any]
    """As :attr:`Wording.tooltip` says."""


def most_confused(matrix: Sequence[Sequence[float]], most: int = MOST) -> list[int]:
    """Return the numbers of the classes that are confused most, in their own order.

    Counts both directions: images of a class predicted as others, and others predicted as it.
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
    wording: Wording,
    title: alt.TitleParams,
    cells: Iterable[Cell],
    class_names: Sequence[str],
    classes: Sequence[int],
    highest: float | None = None,
) -> Drawing:
    """Return colored cells, the diagonal toned down.

    Args:
        wording: What it is about.
        title: Of the chart.
        cells: All of them.
        class_names: Of all classes, by number; two classes may share a name.
        classes: The numbers of those shown.
        highest: Rate of the darkest color; by default the highest beside the diagonal.

    """
    shown = list(cells)
    names = list(map(printable, class_names))
    top = highest or max((cell.rate for cell in shown if cell.row != cell.column), default=0.0)
    rows = ((cell.row, cell.column, cell.rate, *cell.tooltip) for cell in shown)
    upright = all(len(names[number]) <= SHORT for number in classes)
    return filled(
        _frame(wording, len(classes), upright=upright),
        title,
        {"cells": csv_text(wording.data, rows)},
        {"classes": names, "highest": top or 1.0},
    )


@cache
def _frame(wording: Wording, classes: int, *, upright: bool) -> Drawing:
    of_cells = alt.Chart(named("cells", wording.data)).transform_calculate(
        true="classes[datum.row]",
        predicted="classes[datum.column]",
        spoken_text=f"'{wording.rows}: ' + classes[datum.row] + '; {wording.columns}: ' + "
        "classes[datum.column] + '; ' + format(datum.rate * 100, '.2f') + '%'",
    )
    written = classes <= MOST_WRITTEN
    angle = (0 if upright else -45) if written else -90

    def axis(angle: int) -> alt.Axis:
        return alt.Axis(
            labelExpr="classes[datum.value]",
            labelLimit=70 if written else 55,
            labelFontSize=alt.Undefined if written else 7,
            labelAngle=angle,
            labelOverlap=False,
            ticks=False,
            domain=False,
        )

    x = alt.X("column:O", title=wording.columns, axis=axis(angle))
    y = alt.Y("row:O", title=wording.rows, axis=axis(0))
    rate = alt.Color(
        "rate:Q",
        scale=alt.Scale(
            type="sqrt",
            domainMin=0,
            domainMax=alt.ExprRef("highest"),
            nice=False,
            range=list(ERRORS),
            clamp=True,
        ),
        legend=alt.Legend(
            title=wording.legend,
            orient="bottom",
            gradientLength=150,
            gradientThickness=8,
            labelExpr="format(datum.value * 100, '~g')",
            tickCount=4,
        ),
    )
    tooltip = [
        alt.Tooltip("true:N", title=wording.rows),
        alt.Tooltip("predicted:N", title=wording.columns),
        *(
            alt.Tooltip(f"{name}:{'Q' if kind == 'number' else 'N'}", title=title)
            for name, kind, title in wording.tooltip
        ),
    ]
    right = "datum.row === datum.column"
    color = alt.when(right).then(alt.value(TONED_DOWN)).otherwise(rate)
    layers = [
        of_cells.mark_rect().encode(
            x=x, y=y, color=color, tooltip=tooltip, description=alt.Description("spoken_text:N")
        )
    ]
    if written:
        text = of_cells.transform_filter("datum.rate >= 0.0005").transform_calculate(
            text="format(datum.rate * 100, datum.rate < 0.9995 ? '.1f' : '.0f')"
        )
        # The text of the diagonal is that of the page: below it there is hardly a color.
        fills: dict[str, Any] = {
            f"!({right}) && datum.rate > 0.3 * highest": "#ffffff",
            f"!({right}) && datum.rate <= 0.3 * highest": "#1a1a1a",
            right: alt.Undefined,
        }
        layers += [
            text.transform_filter(condition)
            .mark_text(color=fill, aria=False)
            .encode(x=x, y=y, text=alt.Text("text:N"), tooltip=tooltip)
            for condition, fill in fills.items()
        ]
    return layered(*layers, height=235 if classes > SHORT else 60 * classes)
