"""A study as a document: what the analyses have to show, in the order of an experiment's report."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from seedbed.analysis import captions
from seedbed.analysis.base import Analysis, ChartView, TableView, Topic
from seedbed.analysis.chart_captions import about_data
from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PagePart
from seedbed.analysis.registry import analyses
from seedbed.report.documents.framing import about, limits, question, reproduction
from seedbed.report.documents.model import (
    Block,
    Call,
    Document,
    Figure,
    Figures,
    Heading,
    Methods,
    References,
    Section,
    Sentences,
    Tables,
    Text,
    Wording,
)
from seedbed.report.documents.pictures import Names, chart_figure, picture_figure
from seedbed.report.documents.shown import (
    groups,
    in_rows,
    is_large,
    representatives,
    scope,
    too_many_note,
)
from seedbed.report.documents.terms import explained
from seedbed.report.methods.paragraph import keys, methods
from seedbed.report.notebook import Results, StudyTable
from seedbed.report.page.blocks import applies, parts_of
from seedbed.report.page.facts import how_measured
from seedbed.report.page.sections import TITLES
from seedbed.report.pictured import Pictured
from seedbed.report.setup import SETUP

ORDER: Final[tuple[Topic, ...]] = (
    "results",
    "comparisons",
    "networks",
    "training",
    "errors",
    "noise",
    "features",
    "cost",
    "runs",
)
"""The topics in the order of an experiment's report."""
CONCLUDING: Final[frozenset[Topic]] = frozenset({"results", "comparisons", "networks", "noise"})
"""Topics whose sentences are conclusions: they stand at the end, the others beside their tables."""
OF_NETWORKS: Final[frozenset[Topic]] = frozenset({"setup", "features"})
"""Topics whose pictures are shown of every network."""
MOST_PICTURES: Final = 4
"""Of networks or datasets, for each kind of picture."""
MOST_ROWS: Final = 40
"""Of a table; a longer one is named only."""


def build(study: Pictured, wording: Wording, *, study_file: str | None = None) -> Document:
    """Return the document of a study.

    Args:
        study: Its results, at least one configuration, and what pictures are made of.
        wording: What its author says of it.
        study_file: The ``study.toml``, if it is known.
    """
    entries, names = study.summary, Names()
    cited = keys(methods(entries))
    sections = [
        Section("Question", (question(entries),)),
        Section("Setup", tuple(_setup(study, names))),
        *(Section(TITLES[topic], tuple(_topic(topic, study, names))) for topic in ORDER),
        Section("Conclusions", tuple(_conclusions(study))),
        Section("Reproduction", tuple(reproduction(entries, study_file))),
        Section("References", (References(tuple(cited)),) if cited else ()),
    ]
    shown = sections if wording.plain else list(explained(sections))
    brief = study.brief()
    return Document(
        wording.title or study.name,
        wording.author,
        about(entries),
        Sentences(Call("brief"), brief) if brief else None,
        tuple(section for section in shown if section.blocks),
    )


def _within(study: Results, table: StudyTable) -> StudyTable:
    """Return a table whose captions do not name the study and its datasets again."""
    _, _, known = captions.title(study.summary, "all").partition(": ")
    tables = tuple(
        replace(of, caption=of.caption.removesuffix(f": {known}")) for of in table.report.tables
    )
    return replace(table, report=replace(table.report, tables=tables))


def _without_data(study: Results, figure: Figure) -> Figure:
    """Return a figure whose caption does not name again all the datasets of the study."""
    data = re.escape(about_data(study.summary))
    caption = re.sub(
        rf"(^|\. ){data}(?:, (\w)|(?=\.))",
        lambda found: f"{found[1]}{found[2].upper()}" if found[2] else "",
        figure.caption,
    )
    return replace(figure, caption=caption)


def _setup(study: Pictured, names: Names) -> Iterator[Block]:
    for name in SETUP:
        call = Call("setup", (name,))
        table: StudyTable | None = call(study)
        if table is not None:
            yield Tables(call, table)
        if name == "dataset":
            yield from _topic("setup", study, names)
    if paragraphs := methods(study.summary):
        yield Heading("Methods")
        yield Methods(Call("methods"), paragraphs)
    else:
        yield Text((how_measured(study.summary),))


def _topic(topic: Topic, study: Pictured, names: Names) -> Iterator[Block]:
    large = is_large(study.summary)
    if large and topic == ORDER[0]:
        yield scope(study.summary)
    # What is about all configurations leads where others are left out.
    for analysis in sorted(analyses(), key=lambda of: large and not _is_of_all(of)):
        parts = parts_of(analysis) or (PagePart(),)
        if analysis.topic != topic:
            continue
        if not any(applies(analysis, part, study.summary) for part in parts):
            continue
        inside = list(_blocks(analysis, study, names))
        title = next((part.title for part in parts if part.title), "")
        if inside and title:
            yield Heading(title)
        yield from inside


def _is_of_all(analysis: Analysis[Any]) -> bool:
    """Return whether a page that shows only some configurations draws it of all."""
    return any(part.of_study for part in parts_of(analysis))


def _blocks(analysis: Analysis[Any], study: Pictured, names: Names) -> Iterator[Block]:
    if figures := tuple(_without_data(study, of) for of in _figures(analysis, study, names)):
        yield Figures(figures)
    if not _concludes(analysis):
        yield from _sentences((analysis.name,) if analysis.sentences else (), study)
    for figure in _pictures(analysis, study, names):
        yield Figures((_without_data(study, figure),))
    for name, view in analysis.tables.items():
        if view.in_documents(study.summary) and _is_worth(view, study.summary):
            yield from _table(name, view, study)


def _is_worth(view: TableView | ChartView, entries: Sequence[Entry]) -> bool:
    """Return whether a first look at the study would show it, where that is said of it."""
    return view.first_look is None or bool(view.first_look(entries))


def _figures(analysis: Analysis[Any], study: Results, names: Names) -> Iterator[Figure]:
    entries = study.summary
    some = is_large(entries) and not _is_of_all(analysis)
    whole = in_rows(entries) if some else entries
    title = f"{len(whole)} of {len(entries):,} configurations" if some else ""
    for name, view in analysis.charts.items():
        if not view.in_documents(entries) or not _is_worth(view, entries):
            continue
        if not view.per_configuration:
            for group, shown in groups(entries) if view.in_groups else [(title, whole)]:
                # Of those that are drawn for each setting, the first, as a notebook draws it.
                drawing = next((drawn for _, drawn in view.drawings(shown)), None)
                if drawing is not None:
                    labels = tuple(entry.header.label for entry in shown) if group else None
                    yield chart_figure(name, view, drawing, names, labels, group)
            continue
        for entry in representatives(entries, partial(_draws, view)):
            drawing = view.draw([entry])
            assert drawing is not None  # so it was chosen
            label = entry.header.label if len(entries) > 1 else None
            yield chart_figure(name, view, drawing, names, label)


def _pictures(analysis: Analysis[Any], study: Pictured, names: Names) -> Iterator[Figure]:
    labels = {entry.header.label for entry in study.summary}
    chosen = {entry.header.label for entry in representatives(study.summary, lambda _: True)}
    if analysis.topic in OF_NETWORKS:
        networks = {entry.header.network: entry for entry in reversed(study.summary)}
        chosen |= {entry.header.label for entry in networks.values()}
    for name, view in analysis.pictures.items():
        pictures = [
            picture
            for picture in view.draw(study.material)
            if picture.of not in labels or picture.of in chosen
        ]
        for picture in pictures[:MOST_PICTURES]:
            yield picture_figure(name, view, picture, names)


def _draws(view: ChartView, entry: Entry) -> bool:
    return view.draw([entry]) is not None


def _sentences(names: tuple[str, ...], study: Results) -> Iterator[Block]:
    call = Call("sentences", names)
    if names and (sentences := call(study)):
        yield Sentences(call, sentences)


def _concludes(analysis: Analysis[Any]) -> bool:
    return analysis.topic in CONCLUDING and analysis.opens_page


def _table(name: str, view: TableView, study: Results) -> Iterator[Block]:
    call = Call("table", (name,))
    table: StudyTable = call(study)
    alone = view.detail is not None and len(study.summary) > 1
    if _rows(table) > MOST_ROWS or (alone and len(table.report.tables) > 1):
        if view.detail is None:
            yield too_many_note(name, table, _rows(table))
            return
        for entry in representatives(study.summary, view.detail):
            of_one = Call("table", (name,), {"configuration": entry.header.label})
            shown: StudyTable = of_one(study)
            if _rows(shown) > MOST_ROWS:
                yield too_many_note(name, shown, _rows(shown))
            elif _rows(shown):
                yield Tables(of_one, _within(study, shown))
    elif _rows(table):
        yield Tables(call, _within(study, table))


def _rows(table: StudyTable) -> int:
    return sum(len(group) for of in table.report.tables for group in of.groups)


def _conclusions(study: Results) -> Iterator[Block]:
    names = tuple(each.name for each in analyses() if each.sentences and _concludes(each))
    if sentences := list(_sentences(names, study)):
        yield Heading("What the results support")
        yield from sentences
    yield from limits(study.summary)
