"""Data inside a specification: as CSV, which both browsers and vl-convert read, and is short."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any, Literal

import altair as alt

from seedbed.report.escape import printable

Kind = Literal["number", "string"]


def inline(columns: Mapping[str, Kind], rows: Iterable[Sequence[Any]]) -> alt.InlineData:
    """Return rows as data of a chart.

    Numbers keep seven digits; ``None`` becomes an empty field, which Vega reads as null.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return alt.InlineData(
        values=text.getvalue(), format=alt.CsvDataFormat(type="csv", parse=dict(columns))
    )


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.7g}"
    return printable(value) if isinstance(value, str) else value
