"""The parts of a page that analyses declare, with everything that is shown in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seedbed.analysis.base import Analysis, TableView
from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PageMaterial, PagePart
from seedbed.report.page.charts import PageChart, page_charts
from seedbed.report.page.copied import HtmlReport, html_report
from seedbed.report.page.short_labels import ShortLabels


@dataclass(frozen=True)
class Block:
    """A part of a section, as the template takes it."""

    name: str
    title: str
    text: str
    sentences: tuple[str, ...]
    drawings: tuple[PageChart, ...]
    """Of all configurations; beside each other where there is room."""
    singly: tuple[PageChart, ...]
    """Of one configuration at a time, which is chosen in the section."""
    reports: tuple[HtmlReport, ...]
    template: str
    data: Any
    """Of the template."""
    per_configuration: bool
    """Whether the template shows one configuration at a time."""
    half: bool
    folded: bool
    """Whether only its title is shown at first."""
    chooses: bool = False
    """Whether the choice of the configuration stands here."""

    @property
    def chosen_places(self) -> set[int]:
        """Which configurations can be chosen."""
        places = {int(place) for chart in self.singly for place in chart.specs}
        if self.per_configuration:
            places |= {place for place, data in enumerate(self.data) if data is not None}
        return places


def parts_of(analysis: Analysis[Any]) -> Sequence[PagePart]:
    """Return the parts of an analysis: by default one with all charts and tables."""
    return (PagePart(),) if analysis.parts is None else analysis.parts


@dataclass
class Shown:
    """What is the same for all parts of a page, and what it has shown so far."""

    short: ShortLabels
    """How configurations are called."""
    first: str = ""
    """The chart that opens the page, and so stands nowhere else."""
    notes: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)
    """By name."""


def make_block(
    analysis: Analysis[Any], part: PagePart, material: PageMaterial, shown: Shown
) -> Block | None:
    """Return a part with what is in it; ``None`` where there is nothing to show."""
    entries = material.whole if part.of_study else material.entries
    if not applies(analysis, part, entries):
        return None
    names = [
        name
        for name in (analysis.charts if part.charts is None else part.charts)
        if name != shown.first
    ]
    single = [name for name in names if analysis.charts[name].per_configuration]
    tables = _chosen(analysis.tables, part.tables)
    shown.tables.update(tables)

    def drawn(chosen: Iterable[str]) -> tuple[PageChart, ...]:
        return tuple(
            chart
            for name in chosen
            for chart in page_charts(name, analysis.charts[name], entries, shown.short)
        )

    drawings = drawn(name for name in names if name not in single)
    data = part.data(material) if part.data else None
    singles = drawn(single)
    # Nothing but a folded table would look empty.
    alone = not (drawings or singles or part.template) and not part.folded
    block = Block(
        part.name or analysis.name,
        part.title,
        part.text if isinstance(part.text, str) else part.text(entries),
        () if analysis.opens_page else tuple(map(shown.short, _sentences(analysis, entries))),
        drawings,
        singles,
        tuple(
            html_report(
                table.make(entries),
                shown.short,
                shown.notes,
                title=table.title,
                folded=place > 0 or not (part.open or alone),
            )
            for place, table in enumerate(tables.values())
        ),
        part.template if data is not None or not part.data else "",
        data,
        part.per_configuration and data is not None,
        part.half and not any(chart.tall for chart in drawings),
        part.folded,
    )
    something = (block.sentences, block.drawings, block.singly, block.reports, block.template)
    return block if any(something) else None


def _sentences(analysis: Analysis[Any], entries: Sequence[Entry]) -> tuple[str, ...]:
    return tuple(analysis.sentences(entries)) if analysis.sentences else ()


def _chosen(
    tables: Mapping[str, TableView], names: Sequence[str] | None
) -> Mapping[str, TableView]:
    return tables if names is None else {name: tables[name] for name in names}


def applies(analysis: Analysis[Any], part: PagePart, entries: Sequence[Entry]) -> bool:
    """Return whether a part has something to show."""
    if part.applies is not None:
        return part.applies(entries)
    result = analysis.result
    return result is None or any(entry.view(result) is not None for entry in entries)
