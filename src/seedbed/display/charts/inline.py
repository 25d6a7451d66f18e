"""Data inside a specification: as CSV, which both browsers and vl-convert read, and is short.

A *frame* is a chart without data, titles and names. It is made once and filled for every
configuration, because making a chart takes Altair longer than filling one.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any, Literal

import altair as alt
from altair.utils.schemapi import UndefinedType

from seedbed.display.charts.style import Drawing
from seedbed.display.escape import printable

Kind = Literal["number", "string"]
Columns = Mapping[str, Kind]


def inline(columns: Columns, rows: Iterable[Sequence[Any]]) -> alt.InlineData:
    """Return rows as data of a chart.

    Numbers keep seven digits; ``None`` becomes an empty field, which Vega reads as null.
    """
    return alt.InlineData(values=csv_text(columns, rows), format=_format(columns))


def named(name: str, columns: Columns) -> alt.NamedData:
    """Return data of a frame, which is filled with :func:`csv_text` under this name."""
    return alt.NamedData(name=name, format=_format(columns))


def csv_text(columns: Columns, rows: Iterable[Sequence[Any]]) -> str:
    """Return rows as CSV with a header."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def filled(
    frame: Drawing,
    title: alt.TitleParams,
    data: Mapping[str, str],
    parameters: Mapping[str, Any],
) -> Drawing:
    """Return a chart: a frame with everything that it lacks.

    Args:
        frame: Stays as it is.
        title: Of the chart.
        data: CSV by the name that :func:`named` gave it.
        parameters: Values by the names that expressions of the frame use.

    """
    chart = frame.copy(deep=False)
    own: list[Any] = [] if isinstance(chart.params, UndefinedType) else list(chart.params)
    values = [alt.VariableParameter(name=name, value=value) for name, value in parameters.items()]
    chart.params = own + values
    chart.datasets = dict(data)
    chart.title = title
    return chart


def _format(columns: Columns) -> alt.CsvDataFormat:
    return alt.CsvDataFormat(type="csv", parse=dict(columns))


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.7g}"
    return printable(value) if isinstance(value, str) else value
