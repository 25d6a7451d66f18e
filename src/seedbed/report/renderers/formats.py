"""Every format of a table, by its name."""

from collections.abc import Callable, Mapping
from typing import Final

from seedbed.display.table import Report
from seedbed.report.renderers import csv, html, json, latex, markdown, text

FORMATS: Final[Mapping[str, Callable[[Report], str]]] = {
    "text": text.render,
    "markdown": markdown.render,
    "csv": csv.render,
    "latex": latex.render,
    "json": json.render,
    "html": html.render,
}
