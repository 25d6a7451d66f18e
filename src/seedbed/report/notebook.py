"""What a study has found out, as tables and charts; a notebook shows it without a network."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import charts, tables
from seedbed.core.errors import StudyError
from seedbed.core.suggestions import unknown
from seedbed.display.escape import printable
from seedbed.display.table import Report
from seedbed.report.renderers import html, text
from seedbed.report.renderers.formats import FORMATS
from seedbed.study.spec.selection import Selection

# What is heavy is imported where it is used: a table of a stored summary is there at once.
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
        """Return the tables as ``text``, ``markdown``, ``csv``, ``latex`` or ``json``.

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


class Results:
    """The results of a study or of an evaluation.

    Args:
        summary: An object for each configuration, as ``summary.json`` has it.
    """

    def __init__(self, summary: Sequence[Entry]) -> None:
        self.summary = list(summary)
        """An object for each configuration, as ``summary.json`` has it."""

    @property
    def name(self) -> str:
        """The name of the study."""
        return str(self.summary[0]["study"]["name"])

    @property
    def configurations(self) -> tuple[str, ...]:
        """The labels of the configurations."""
        return tuple(entry["label"] for entry in self.summary)

    @cached_property
    def answer(self) -> tuple[str, ...]:
        """What has been found out, in plain words, the most important first."""
        from seedbed.analysis.answer import answer

        return answer(self.summary)

    def table(
        self,
        name: str = "accuracy",
        *,
        baseline: str | None = None,
        only: Sequence[str] = (),
        exclude: Sequence[str] = (),
    ) -> StudyTable:
        """Return the tables about a subject.

        Args:
            name: Of the table, such as ``accuracy``, ``comparisons`` or ``confusion``; a wrong name
                is answered with all of them.
            baseline: For comparisons: the label of the configuration that all others are compared
                with.
            only: Conditions such as ``"learning_rate=0.1"``: configurations with one of these
                values of each setting that is named.
            exclude: Conditions: configurations with none of these values.

        Raises:
            StudyError: If there is no such table, nothing to compare or select, or no such
                baseline.
            DataError: If no two configurations have the same test images.

        """
        if name not in tables():
            raise StudyError(unknown("table", name, tables()))
        if baseline is not None and name != "comparisons":
            raise StudyError("belongs to the table comparisons", where="baseline")
        selected = bool(only or exclude)
        entries = self._selected(only, exclude)
        if name == "comparisons" and (selected or baseline is not None):
            # Tests are corrected for the comparisons that are shown. Those of the whole summary are
            # stored in it, and would take longer to make again than all the rest.
            entries = _compared(entries, baseline)
        return StudyTable(tables()[name].make(entries))

    def select(self, only: Sequence[str] = (), exclude: Sequence[str] = ()) -> list[Entry]:
        """Return the entries of some configurations, compared with each other.

        Args:
            only: Conditions such as ``"learning_rate=0.1"``.
            exclude: Conditions that must not hold.

        Raises:
            StudyError: If a condition cannot be read, or nothing is left; or if there are no
                settings to select by, because the predictions came from elsewhere.

        """
        entries = self._selected(only, exclude)
        return _compared(entries) if only or exclude else entries

    def _selected(self, only: Sequence[str], exclude: Sequence[str]) -> list[Entry]:
        if not (only or exclude):
            return self.summary
        selection = Selection.parse(only, exclude)
        if any(entry["settings"] is None for entry in self.summary):
            raise StudyError(
                "predictions from elsewhere have no settings to choose by",
                where=" or ".join(each.option for each in (*selection.only, *selection.exclude)),
            )
        chosen = selection.of([_Configuration(entry) for entry in self.summary])
        return [each.entry for each in chosen]

    def chart(self, name: str, configuration: str | None = None) -> "Drawing":
        """Return an Altair chart.

        Args:
            name: Such as ``accuracy-curves``, ``confusion`` or ``roc``; a wrong name is answered
                with all of them.
            configuration: Its label, for charts that are of one configuration; by default the one
                with the highest mean test accuracy. Others are drawn of it alone, or of all.

        Raises:
            StudyError: If there is no such chart or configuration, or nothing to draw.

        """
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

    def __str__(self) -> str:
        lines = [self.name, *self.answer]
        return "\n".join(map(printable, lines)) + f"\n\n{self.table()}"

    def _repr_html_(self) -> str:
        first, *rest = self.answer
        items = "".join(f"<li>{_text(sentence)}</li>" for sentence in rest)
        parts = [f"<h3>{_text(self.name)}</h3><p><b>{_text(first)}</b></p><ul>{items}</ul>"]
        parts += [html.render(table.report) for table in self._first_tables()]
        parts += [f'<div style="overflow-x: auto">{chart}</div>' for chart in self._first_charts()]
        return f"<div>{''.join(parts)}</div>"

    def _first_tables(self) -> Iterator[StudyTable]:
        yield self.table("accuracy")
        if any(entry["comparisons"] for entry in self.summary):
            yield self.table("comparisons")
        if any(_is_noisy(entry) for entry in self.summary):
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
        return max(self.summary, key=lambda entry: entry["test_accuracy"]["mean"] or 0.0)

    def _entry(self, label: str) -> Entry:
        if label not in self.configurations:
            raise StudyError(unknown("configuration", label, self.configurations))
        return self.summary[self.configurations.index(label)]


@dataclass(frozen=True)
class _Configuration:
    """An entry as a selection takes it, so that the study file need not be read again."""

    entry: Entry

    @property
    def settings(self) -> dict[str, Any]:
        return dict(self.entry["settings"])

    @property
    def variant(self) -> str | None:
        variant: str | None = self.entry["variant"]
        return variant


def _compared(entries: list[Entry], baseline: str | None = None) -> list[Entry]:
    from seedbed.analysis.subjects.comparisons import compared

    return compared(entries, baseline)


def _is_noisy(entry: Entry) -> bool:
    return bool(entry["noise"]) and entry["noise"]["kind"] != "none"


def _picture(name: str, drawing: "Drawing") -> str:
    """Return a chart as it is drawn here, so that the notebook needs no scripts and no network."""
    from seedbed.display.charts.style import for_paper
    from seedbed.report.figures import Figure, draw

    figure = Figure(name, name, for_paper(drawing, CHART_CENTIMETERS))
    # An image of its own: the names and fonts inside must not meet those of the next.
    data = base64.b64encode(draw(figure, "svg").contents).decode()
    return (
        f'<img src="data:image/svg+xml;base64,{data}" alt="{_text(charts()[name].description)}" '
        f'style="width: {CHART_WIDTH}px; max-width: none">'
    )


def _text(said: str) -> str:
    return escape(printable(said))
