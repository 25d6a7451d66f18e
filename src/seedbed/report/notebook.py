"""A study in a notebook: it shows itself as its answer, tables and charts, without a network.

>>> import seedbed
>>> study = seedbed.Study("studies/mnist")
>>> study
>>> study.table("pairs")
>>> study.chart("confusion")
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from seedbed.analysis.answer import answer
from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import tables
from seedbed.analysis.subjects.comparisons import compared
from seedbed.analysis.summary.study import refresh_summary
from seedbed.analysis.summary_file import read_summary
from seedbed.core.errors import StudyError
from seedbed.core.suggestions import unknown
from seedbed.display.escape import printable
from seedbed.display.table import Report
from seedbed.report.renderers import html, text
from seedbed.report.renderers.formats import FORMATS

if TYPE_CHECKING:
    from seedbed.display.charts.style import Drawing

CHART_CENTIMETERS: Final = 12.0
"""How wide charts that a study shows of itself are drawn."""
CHART_WIDTH: Final = 640
"""At how many pixels they are shown: the small type of papers is hard to read on a screen."""
MOST_CHARTED: Final = 40
"""Configurations; charts of more take too long to be shown unasked."""
FIRST_CHARTS: Final = ("accuracy", "accuracy-curves", "noise-response", "confusion")


@dataclass(frozen=True)
class StudyTable:
    """Tables about one subject: ``print`` shows them as text, a notebook as HTML."""

    report: Report

    def to(self, name: str) -> str:
        """Return the tables as ``text``, ``markdown``, ``csv``, ``latex``, ``json`` or ``html``.

        Raises:
            StudyError: If there is no such format.

        """
        if name not in FORMATS:
            raise StudyError(unknown("format", name, FORMATS))
        return FORMATS[name](self.report)

    def __str__(self) -> str:
        return text.render(self.report)

    def _repr_html_(self) -> str:
        return html.render(self.report)


class Study:
    """What a study has found out, read from its folder.

    Args:
        folder: What ``seedbed run`` or ``seedbed evaluate --out`` has written.

    Raises:
        StoreError: If there is no study, or no run of it has ended.
        DataError: If the predictions of a run cannot belong to their labels.

    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.summary: list[Entry] = read_summary(self.folder) or refresh_summary(self.folder)
        """An object for each configuration, as ``summary.json`` has it."""

    @property
    def name(self) -> str:
        """What the study calls itself."""
        return str(self.summary[0]["study"]["name"])

    @property
    def configurations(self) -> tuple[str, ...]:
        """The labels of the configurations."""
        return tuple(each["label"] for each in self.summary)

    @cached_property
    def answer(self) -> tuple[str, ...]:
        """What has been found out, in plain words, the most important first."""
        return answer(self.summary)

    def table(self, what: str = "accuracy", baseline: str | None = None) -> StudyTable:
        """Return the tables about a subject.

        Args:
            what: ``accuracy``, ``comparisons``, ``confusion``, ``pairs``, ``auc``, ``noise`` or
                ``cost``.
            baseline: For comparisons: the label of the configuration that all others are compared
                with.

        Raises:
            StudyError: If there is no such table, nothing to compare, or no such baseline.
            DataError: If no two configurations have the same test images.

        """
        if what not in tables():
            raise StudyError(unknown("table", what, tables()))
        if baseline is not None and what != "comparisons":
            raise StudyError("a baseline belongs to the table 'comparisons'")
        entries = self.summary if baseline is None else compared(self.summary, baseline)
        return StudyTable(tables()[what].make(entries))

    def chart(self, name: str, configuration: str | None = None) -> "Drawing":
        """Return an Altair chart; :func:`seedbed.analysis.registry.charts` has all names.

        Args:
            name: Such as ``accuracy-curves``, ``confusion`` or ``roc``.
            configuration: Its label, for charts that are of one configuration; by default the one
                with the highest mean test accuracy. Others are drawn of it alone, or of all.

        Raises:
            StudyError: If there is no such chart or configuration, or nothing to draw.

        """
        from seedbed.analysis.registry import charts

        if name not in charts():
            raise StudyError(unknown("chart", name, charts()))
        entries = self.summary
        if configuration is not None:
            entries = [self._entry(configuration)]
        elif charts()[name].per_configuration:
            entries = [self._best]
        drawing = charts()[name].draw(entries)
        if drawing is None:
            of = f" of {entries[0]['label']!r}" if len(entries) == 1 else ""
            raise StudyError(f"there is nothing to draw{of} as {name!r}")
        return drawing

    def __repr__(self) -> str:
        return f"Study({str(self.folder)!r})"

    def __str__(self) -> str:
        lines = [self.name, *self.answer]
        return "\n".join(map(printable, lines)) + f"\n\n{self.table()}"

    def _repr_html_(self) -> str:
        first, *rest = self.answer
        items = "".join(f"<li>{_text(each)}</li>" for each in rest)
        parts = [f"<h3>{_text(self.name)}</h3><p><b>{_text(first)}</b></p><ul>{items}</ul>"]
        parts += [html.render(each.report) for each in self._first_tables()]
        parts += [f'<div style="overflow-x: auto">{each}</div>' for each in self._first_charts()]
        return f"<div>{''.join(parts)}</div>"

    def _first_tables(self) -> Iterator[StudyTable]:
        yield self.table("accuracy")
        if any(each["comparisons"] for each in self.summary):
            yield self.table("comparisons")
        if any(each["noise"] and each["noise"]["kind"] != "none" for each in self.summary):
            yield self.table("noise")
        if self._best["top_pairs"]:
            yield StudyTable(tables()["pairs"].make([self._best]))

    def _first_charts(self) -> Iterator[str]:
        if len(self.summary) > MOST_CHARTED:
            return
        for name in FIRST_CHARTS:
            if name == "accuracy" and len(self.summary) == 1:
                continue
            try:
                yield _picture(name, self.chart(name))
            except StudyError:  # there is nothing to draw
                continue

    @property
    def _best(self) -> Entry:
        return max(self.summary, key=lambda each: each["test_accuracy"]["mean"] or 0.0)

    def _entry(self, label: str) -> Entry:
        found = [each for each in self.summary if each["label"] == label]
        if not found:
            raise StudyError(unknown("configuration", label, self.configurations))
        return found[0]


def _picture(name: str, drawing: "Drawing") -> str:
    """Return a chart as it is drawn here, so that the notebook needs no scripts and no network."""
    from seedbed.analysis.registry import charts
    from seedbed.display.charts.style import for_paper
    from seedbed.report.figures import Figure, draw

    figure = Figure(name, name, for_paper(drawing, CHART_CENTIMETERS))
    # An image of its own: the names and fonts inside must not meet those of the next.
    data = base64.b64encode(draw(figure, "svg").contents).decode()
    return (
        f'<img src="data:image/svg+xml;base64,{data}" alt="{_text(charts()[name].description)}" '
        f'style="width: {CHART_WIDTH}px; max-width: none">'
    )


def _text(text: str) -> str:
    return escape(printable(text))
