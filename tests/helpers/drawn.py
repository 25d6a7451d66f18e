"""What a chart draws, for tests: its data as tables, and what it is compiled to."""

import csv
import json
import re
from io import StringIO
from typing import Any

import vl_convert

from seedbed.display.charts.style import Drawing, for_page

Row = dict[str, str]


def specification(chart: Drawing | None) -> dict[str, Any]:
    """Return what a page gets; the chart must be there, and its specification valid."""
    assert chart is not None
    chart.to_dict()  # validates, which takes too long for pages
    return for_page(chart)


def tables(chart: Drawing | None) -> list[list[Row]]:
    """Return the data inside a specification, a list for each source."""
    found = specification(chart)["datasets"].values()
    return [list(csv.DictReader(StringIO(text))) for text in found]


def rows(chart: Drawing | None, column: str) -> list[Row]:
    """Return the only data that has a column of this name."""
    (found,) = [table for table in tables(chart) if table and column in table[0]]
    return found


def numbers(found: list[Row], column: str) -> list[float]:
    """Return a column without empty fields."""
    return [float(row[column]) for row in found]


def maybe_numbers(found: list[Row], column: str) -> list[float | None]:
    """Return a column; an empty field is ``None``."""
    return [float(row[column]) if row[column] else None for row in found]


def parameters(chart: Drawing | None) -> dict[str, Any]:
    """Return the values that a page may set."""
    return {each["name"]: each.get("value") for each in specification(chart)["params"]}


def subtitle(chart: Drawing | None) -> str:
    """Return what is said below the title."""
    return str(specification(chart)["title"]["subtitle"])


def svg(chart: Drawing | None, **values: Any) -> str:
    """Draw a chart, with other values of its parameters."""
    found = {**specification(chart), "width": 400}
    for each in found.get("params", ()):
        each["value"] = values.get(each["name"], each.get("value"))
        if "select" in each:
            del each["value"]
    return str(vl_convert.vegalite_to_svg(json.dumps(found)))


def said(picture: str) -> str:
    """Return what the marks of a picture say to a screen reader."""
    return "\n".join(re.findall(r'aria-label="([^"]*)"', picture))
