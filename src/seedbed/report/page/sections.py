"""What stands on a page, in which order: a section for each topic, and what frames them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from seedbed.analysis.base import TOPICS, Analysis, Topic
from seedbed.analysis.part import PageMaterial, PagePart
from seedbed.analysis.subjects.accuracy.result import shown_of
from seedbed.report.page.blocks import Block, Shown, make_block, parts_of
from seedbed.report.page.short_labels import ShortLabels

TITLES: Final[Mapping[str, str]] = {
    "results": "Results",
    "comparisons": "Comparisons",
    "networks": "Networks",
    "training": "Training",
    "noise": "Label noise",
    "errors": "Errors",
    "features": "Features",
    "cost": "Cost",
    "runs": "Runs",
    "setup": "Setup",
}
"""Headings of the topics."""


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading of its own."""

    id: str
    title: str
    template: str
    """``section_….html.jinja``."""
    blocks: tuple[Block, ...] = ()
    choices: tuple[tuple[int, str], ...] = ()
    """Place and label of the configurations that can be chosen, where it shows one at a time."""
    first: int | None = None
    """Which of them is shown at first."""

    @property
    def rows(self) -> list[list[Block]]:
        """The blocks, neighbors that are folded up or of half the width together."""
        rows: list[list[Block]] = []
        for block in self.blocks:
            before = rows[-1][0] if rows else None
            if before and _beside(before, block):
                rows[-1].append(block)
            else:
                rows.append([block])
        return rows

    @property
    def contents(self) -> tuple[tuple[str, str], ...]:
        """Name and title of the parts that the table of contents lists."""
        titled = tuple((block.name, block.title) for block in self.blocks if block.title)
        return titled if len(titled) > 1 else ()


def _beside(one: Block, other: Block) -> bool:
    return (one.folded and other.folded) or (one.half and other.half)


def sections(
    analyses: Iterable[Analysis[Any]],
    material: PageMaterial,
    shown: Shown | None = None,
    *,
    study_file: str | None = None,
) -> tuple[Section, ...]:
    """Return the sections of a page; those in which there is nothing to show are left out.

    Args:
        analyses: What the page shows, in its order.
        material: What it is made of.
        shown: How configurations are called, and what has been shown already.
        study_file: The ``study.toml``, if it is known.
    """
    entries = material.entries
    if not entries:
        return ()
    shown = shown or Shown(ShortLabels(()))
    every = list(analyses)
    page: list[Section] = []
    for topic in TOPICS:
        section = _topic(topic, every, material, shown)
        if topic == "setup":
            page.append(Section("tables", "Tables", "tables"))
            blocks = section.blocks if section else ()
            page.append(Section("setup", TITLES["setup"], "setup", blocks))
        elif section:
            page.append(section)
    if study_file is not None or any(entry.header.provenance for entry in entries):
        page.append(Section("reproduce", "Reproduce", "reproduce"))
    return tuple(page)


def _topic(
    topic: Topic, analyses: Sequence[Analysis[Any]], material: PageMaterial, shown: Shown
) -> Section | None:
    ordered = sorted(_parts(topic, analyses), key=lambda pair: _rank(*pair))
    made = [(part, make_block(analysis, part, material, shown)) for analysis, part in ordered]
    blocks = [block for _, block in made if block is not None]
    if not blocks:
        return None
    places = sorted(set[int]().union(*(block.chosen_places for block in blocks)))
    choices = tuple((place, shown.short(material.entries[place].header.label)) for place in places)
    if len(choices) > 1:
        number = next(number for number, block in enumerate(blocks) if block.chosen_places)
        blocks[number] = replace(blocks[number], chooses=True)
    value = next((part.first for part, block in made if block and part.first), None)
    shown_first = shown_of([material.entries[place] for place in places])

    def preference(place: int) -> float:
        entry = material.entries[place]
        return value(entry) if value else float(entry is shown_first)

    first = max(places, key=preference, default=None)
    return Section(topic, TITLES[topic], "topic", tuple(blocks), choices, first)


def _parts(
    topic: Topic, analyses: Iterable[Analysis[Any]]
) -> Iterator[tuple[Analysis[Any], PagePart]]:
    for analysis in analyses:
        if analysis.topic == topic:
            yield from ((analysis, part) for part in parts_of(analysis))


def _rank(analysis: Analysis[Any], part: PagePart) -> int:
    return analysis.rank if part.rank is None else part.rank
