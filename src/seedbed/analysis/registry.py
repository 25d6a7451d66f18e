"""Every analysis: the files and folders of ``analysis/subjects``, in the order of a page."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any

import msgspec

from seedbed.analysis import subjects
from seedbed.analysis.base import TOPICS, Analysis, ChartView, PictureView, TableView
from seedbed.analysis.entry import Entry, Header, fields_of
from seedbed.analysis.material import Material

if TYPE_CHECKING:
    from seedbed.analysis.inquiries.inquiry import Inquiry
    from seedbed.analysis.predictions import Predictions


@cache
def analyses() -> tuple[Analysis[Any], ...]:
    """Return every analysis, in the order of a page."""
    unordered: list[Analysis[Any]] = [
        import_module(f"{subjects.__name__}.{module.name}").ANALYSIS
        for module in iter_modules(subjects.__path__)
    ]
    return tuple(sorted(unordered, key=lambda of: (TOPICS.index(of.topic), of.rank, of.name)))


def tables() -> dict[str, TableView]:
    """Return every table by its name, in the order of a page."""
    return {name: table for of in analyses() for name, table in of.tables.items()}


def charts() -> dict[str, ChartView]:
    """Return every chart by its name, in the order of a page."""
    return {name: chart for of in analyses() for name, chart in of.charts.items()}


def pictures() -> dict[str, PictureView]:
    """Return the pictures that are no charts by their name, in the order of a page."""
    return {name: picture for of in analyses() for name, picture in of.pictures.items()}


def inquiries() -> "dict[str, Inquiry[Any]]":
    """Return every inquiry by the name of its analysis."""
    return {of.name: of.inquiry for of in analyses() if of.inquiry is not None}


def make_entry(header: Header, material: Material) -> Entry:
    """Return the entry of one configuration: its header, and what every analysis finds."""
    return Entry(fields_of(header) | compute_all(material))


def fields() -> tuple[str, ...]:
    """Return the fields that all analyses add to an entry."""
    return tuple(name for analysis in analyses() for name in _fields(analysis))


def analyze(predictions: "Sequence[Predictions]") -> dict[str, Any]:
    """Analyze the predictions of several runs of one configuration.

    Args:
        predictions: Of the same images, one a run; at least one. Runs that name their images may
            have them in any order.

    Returns:
        The fields of an entry of ``summary.json`` that predictions alone tell.

    Raises:
        DataError: If the runs are not of the same images.
    """
    from seedbed.analysis.predictions import align

    names = [f"run {number}" for number in range(1, len(predictions) + 1)]
    return compute_all(Material(align(predictions, names), names))


def compute_all(material: Material) -> dict[str, Any]:
    """Return the fields that every analysis of one configuration adds to its entry."""
    computed: dict[str, Any] = {}
    for analysis in analyses():
        if analysis.compute is not None:
            computed |= _as_fields(analysis, analysis.compute(material))
    return computed


def owner(table: str) -> Analysis[Any]:
    """Return the analysis that a table belongs to."""
    return next(analysis for analysis in analyses() if table in analysis.tables)


def relate_all(
    entries: Sequence[Entry], which: Sequence[Analysis[Any]] | None = None
) -> list[Entry]:
    """Return the entries with the fields of analyses that relate them to each other.

    Args:
        entries: Of a study, all or some.
        which: The analyses; all by default.
    """
    found: list[dict[str, Any]] = [{} for _ in entries]
    for analysis in analyses() if which is None else which:
        if analysis.relate is not None:
            for fields, result in zip(found, analysis.relate(entries), strict=True):
                fields |= _as_fields(analysis, result)
    return [entry.updated(fields) for entry, fields in zip(entries, found, strict=True)]


def relate_changed(entries: Sequence[Entry], before: Mapping[int, Entry]) -> list[Entry] | None:
    """Return the entries of a study with the fields that relate them to each other.

    Args:
        entries: All of them. Those that have not changed have these fields.
        before: Place -> the entry that was there, for those that have changed.

    Returns:
        ``None`` where the fields of others may change, too: see :func:`relate_all`.
    """
    related = list(entries)
    for analysis in analyses():
        if analysis.relate is None:
            continue
        found = analysis.relate_changed and analysis.relate_changed(entries, before)
        if found is None:
            return None
        for place in before:
            related[place] |= _as_fields(analysis, found[place])
    return related


def _as_fields(analysis: Analysis[Any], result: msgspec.Struct | None) -> dict[str, Any]:
    return dict.fromkeys(_fields(analysis)) if result is None else fields_of(result)


def _fields(analysis: Analysis[Any]) -> list[str]:
    if analysis.result is None:
        return []
    return [field.encode_name for field in msgspec.structs.fields(analysis.result)]
