"""What charts of entries have in common: names, colors, and the words of titles and subtitles."""

from collections.abc import Sequence
from typing import Final

import altair as alt

from seedbed.analysis.captions import when
from seedbed.analysis.entry import Entry
from seedbed.display.charts.parts import isolated, legend_of
from seedbed.display.charts.style import looks
from seedbed.display.escape import printable

LONGEST: Final = 80
"""Characters of a configuration's label in a title."""


def finished(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries that have a finished run."""
    return [entry for entry in entries if entry.header.n]


def label(entry: Entry) -> str:
    """Return what a configuration is called in charts."""
    return printable(entry.header.label)


def labels(entries: Sequence[Entry]) -> list[str]:
    """Return what all configurations are called, those without finished runs too."""
    return list(map(label, entries))


def color(entries: Sequence[Entry], *, legend: bool = True) -> alt.Color:
    """Return the colors of the configurations, the same in every chart of a study."""
    looks_of = looks(labels(entries))
    return alt.Color(
        "configuration:N",
        scale=alt.Scale(domain=list(looks_of), range=[look.color for look in looks_of.values()]),
        legend=legend_of(list(looks_of)) if legend else None,
    )


def dash(entries: Sequence[Entry]) -> alt.StrokeDash:
    """Return the dashes of the configurations; they share the legend of the colors."""
    looks_of = looks(labels(entries))
    return alt.StrokeDash(
        "configuration:N",
        scale=alt.Scale(
            domain=list(looks_of), range=[list(look.dash) for look in looks_of.values()]
        ),
        legend=legend_of(list(looks_of)),
    )


def runs_in_words(entries: Sequence[Entry]) -> str:
    """Return ``"n = 5 runs"``, or ``"n = 3 to 5 runs"`` where configurations differ."""
    counts = sorted({entry.header.n for entry in entries})
    if len(counts) == 1:
        return f"n = {counts[0]} {'run' if counts[0] == 1 else 'runs'}"
    return f"n = {counts[0]} to {counts[-1]} runs"


def of_one(entry: Entry) -> str:
    """Return the end of a title: of which configuration a chart is."""
    name = label(entry)
    return f": {isolated(name if len(name) <= LONGEST else name[: LONGEST - 1] + '…')}"


def about(entries: Sequence[Entry]) -> str:
    """Return on which data, and after which epoch: the end of a subtitle."""
    return f"{about_data(entries)}, {when(entries)}"


def about_data(entries: Sequence[Entry]) -> str:
    """Return on which data."""
    names = dict.fromkeys(printable(entry.header.dataset) for entry in entries)
    return ", ".join(map(isolated, names))
