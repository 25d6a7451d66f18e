"""Every analysis: the files and folders of ``analysis/subjects``, in the order of a page."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import msgspec

from seedbed.analysis import subjects
from seedbed.analysis.base import TOPICS, Analysis, ChartView, TableView
from seedbed.analysis.entry import Entry, Header, fields_of
from seedbed.analysis.material import Material


@cache
def analyses() -> tuple[Analysis[Any], ...]:
    """Return every analysis, in the order of a page."""
    found: list[Analysis[Any]] = [
        import_module(f"{subjects.__name__}.{module.name}").ANALYSIS
        for module in iter_modules(subjects.__path__)
    ]
    return tuple(sorted(found, key=lambda each: (TOPICS.index(each.topic), each.rank, each.name)))


def tables() -> dict[str, TableView]:
    """Return every table by its name, in the order of a page."""
    return {name: table for each in analyses() for name, table in each.tables.items()}


def charts() -> dict[str, ChartView]:
    """Return every chart by its name, in the order of a page."""
    return {name: chart for each in analyses() for name, chart in each.charts.items()}


def make_entry(header: Header, material: Material) -> Entry:
    """Return the entry of one configuration: its header, and what every analysis finds."""
    return Entry(fields_of(header) | compute_all(material))


def compute_all(material: Material) -> dict[str, Any]:
    """Return the fields that every analysis of one configuration adds to its entry."""
    fields: dict[str, Any] = {}
    for each in analyses():
        if each.compute is not None and each.result is not None:
            names = [field.encode_name for field in msgspec.structs.fields(each.result)]
            result = each.compute(material)
            fields |= dict.fromkeys(names) if result is None else fields_of(result)
    return fields
