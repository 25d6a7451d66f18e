"""The results of a study as tables and charts, which a notebook shows offline."""

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Final

from seedbed.analysis.answer import answer
from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import analyses, charts, owner, relate_all, tables
from seedbed.analysis.representatives import by_test_set
from seedbed.analysis.subjects.accuracy.result import shown_of
from seedbed.core.errors import StudyError
from seedbed.core.suggestions import unknown
from seedbed.display.escape import printable
from seedbed.display.table import Report
from seedbed.report.renderers import html, latex
from seedbed.report.renderers import text as text_renderer
from seedbed.report.renderers.formats import FORMATS
from seedbed.study.spec.selection import Selection

# What is heavy is imported where it is used: a table of a stored summary is there at once.
if TYPE_CHECKING:
    from seedbed.display.charts.style import Drawing

MOST_CHARTED: Final = 40
"""Configurations; the charts of more take too long to draw unasked."""


@dataclass(frozen=True)
class StudyTable:
    """Tables about one subject: ``print`` shows them as text, a notebook as HTML."""

    report: Report
    label: str = ""
    """What LaTeX calls it, after ``tab:``."""

    def to(self, name: str, *, siunitx: bool = False) -> str:
        """Return the tables as ``text``, ``markdown``, ``csv``, ``latex``, ``json`` or ``html``.

        Args:
            name: Of the format.
            siunitx: Of LaTeX: whether numbers are aligned by the package ``siunitx``.

        Raises:
            StudyError: If there is no such format, or the option belongs to another one.
        """
        if name not in FORMATS:
            raise StudyError(unknown("format", name, FORMATS))
        if name == "latex":
            return latex.render(self.report, self.label, siunitx=siunitx)
        if siunitx:
            raise StudyError(f"does not apply to {name}", where="siunitx", expected="latex")
        return FORMATS[name](self.report)

    def __str__(self) -> str:
        return text_renderer.render(self.report)

    def __repr__(self) -> str:
        return str(self).rstrip("\n")  # what a notebook keeps of it beside HTML

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
        return self.summary[0].header.study.name

    @property
    def configurations(self) -> tuple[str, ...]:
        """The labels of the configurations."""
        return tuple(entry.header.label for entry in self.summary)

    @cached_property
    def answer(self) -> tuple[str, ...]:
        """The conclusions in sentences, the most important first."""
        return answer(self.summary)

    def sentences(self, *names: str) -> tuple[str, ...]:
        """Return the sentences of analyses, one test set after the other; of several, with names.

        Args:
            names: Of the analyses, such as ``comparisons`` or ``pairs``.

        Raises:
            StudyError: If there is no such analysis.
        """
        every = {analysis.name: analysis for analysis in analyses() if analysis.sentences}
        if missing := [name for name in names if name not in every]:
            raise StudyError(unknown("analysis", missing[0], every))
        groups = by_test_set(self.summary)
        return tuple(
            _of_data(group[0].header.dataset_name, sentence) if len(groups) > 1 else sentence
            for group in groups
            for name in names
            if (sentences := every[name].sentences)
            for sentence in sentences(group)
        )

    def methods(self) -> tuple[str, ...]:
        """Return the methods section of a paper in paragraphs: what was trained, which tests.

        Empty for predictions of other tools.
        """
        from seedbed.report.methods.paragraph import by_author, cited, methods

        return tuple(cited(text, by_author) for text in methods(self.summary))

    def bibtex(self) -> str:
        """Return BibTeX of what :meth:`methods` cites: datasets, networks, methods, tests."""
        from seedbed.report.methods.bibliography import bibtex
        from seedbed.report.methods.paragraph import keys, methods

        return bibtex(keys(methods(self.summary)))

    def setup(self, name: str) -> StudyTable | None:
        """Return how the study was set up; ``None`` where that is not known.

        Args:
            name: ``dataset``, ``settings`` or ``layers``.

        Raises:
            StudyError: If there is no such table.
        """
        from seedbed.report.setup import SETUP

        if name not in SETUP:
            raise StudyError(unknown("table", name, SETUP))
        report = SETUP[name](self.summary)
        return None if report is None else StudyTable(report, latex.slug(f"{self.name}-{name}"))

    def brief(self) -> tuple[str, ...]:
        """Return the answer in brief: the most important conclusion; empty without one."""
        return self.answer[:1]

    def accuracy_misleads(self, only: Sequence[str] = (), exclude: Sequence[str] = ()) -> bool:
        """Return whether accuracy alone says little, because classes are unbalanced or two.

        Args:
            only: As for :meth:`table`.
            exclude: As for :meth:`table`.

        Raises:
            StudyError: If nothing is selected.
        """
        first_look = tables()["class-averages"].first_look
        return first_look is not None and bool(first_look(self._selected(only, exclude)))

    def table(
        self,
        name: str = "accuracy",
        *,
        baseline: str | None = None,
        compare: str | None = None,
        margin: float | None = None,
        configuration: str | None = None,
        only: Sequence[str] = (),
        exclude: Sequence[str] = (),
    ) -> StudyTable:
        """Return the tables about a subject.

        Args:
            name: Of the table, such as ``accuracy``, ``comparisons`` or ``confusion``; the error
                for a wrong name lists all of them.
            baseline: Of tables of comparisons: the label of the configuration that all others are
                compared with.
            compare: Of tables of comparisons: the setting whose values are compared while all else
                is equal, such as ``recipe.optimizer``.
            margin: Of tables of comparisons: differences up to this fraction count as none, and
                are tested for being so small.
            configuration: The label of the only configuration that is shown; all by default.
            only: Conditions such as ``"learning_rate=0.1"``: configurations with one of these
                values of each setting that is named.
            exclude: Conditions: configurations with none of these values.

        Raises:
            StudyError: If there is no such table, nothing to compare or select, no such
                baseline, or no such setting.
            DataError: If no two configurations have the same test images.

        """
        if name not in tables():
            raise StudyError(unknown("table", name, tables()))
        table, entries = tables()[name], self._selected(only, exclude)
        label = latex.slug(f"{self.name}-{name}")
        if configuration is not None:
            return StudyTable(table.make([self._entry(configuration)]), label)
        given = {"baseline": baseline, "compare": compare, "margin": margin}
        if options := [option for option, value in given.items() if value is not None]:
            if table.compared is None:
                having = [name for name, other in tables().items() if other.compared]
                raise StudyError(f"belongs to the table {' or '.join(having)}", where=options[0])
            if margin is not None and not 0 < margin < 1:
                raise StudyError(
                    f"{margin:g} cannot be used", where="margin", expected="above 0 and below 1"
                )
            compared = table.compared(entries, baseline, compare, margin)
            return StudyTable(table.make(compared), label)
        if only or exclude:
            # Tests are corrected for the comparisons that are shown, so they are made again.
            entries = relate_all(entries, [owner(name)])
        return StudyTable(table.make(entries), label)

    def select(self, only: Sequence[str] = (), exclude: Sequence[str] = ()) -> list[Entry]:
        """Return the entries of some configurations, compared with each other.

        Args:
            only: Conditions such as ``"learning_rate=0.1"``.
            exclude: Conditions that must not hold.

        Raises:
            StudyError: If a condition cannot be read, or nothing is left; or if there are no
                settings to select by, because the predictions are external.

        """
        entries = self._selected(only, exclude)
        return relate_all(entries) if only or exclude else entries

    def _selected(self, only: Sequence[str], exclude: Sequence[str]) -> list[Entry]:
        if not (only or exclude):
            return self.summary
        selection = Selection.parse(only, exclude)
        if any(entry.header.settings is None for entry in self.summary):
            raise StudyError(
                "external predictions have no settings to select by",
                where=" or ".join(of.option for of in (*selection.only, *selection.exclude)),
            )
        chosen = selection.of([_Configuration(entry) for entry in self.summary])
        return [configuration.entry for configuration in chosen]

    def chart(
        self,
        name: str,
        configuration: str | Sequence[str] | None = None,
        *,
        of: str | None = None,
    ) -> "Drawing":
        """Return an Altair chart.

        Args:
            name: Such as ``accuracy-curves``, ``confusion`` or ``roc``; the error for a wrong name
                lists all of them.
            configuration: Its label, for charts that are of one configuration; by default the one
                with the highest mean test accuracy. Others are drawn of it alone, of several
                labels, or by default of all.
            of: Of charts that are drawn for each setting, the setting, such as ``learning_rate``,
                or two of them, such as ``"learning_rate momentum"``; by default the first.

        Raises:
            StudyError: If there is no such chart, configuration or setting, or nothing to draw.

        """
        if name not in charts():
            raise StudyError(unknown("chart", name, charts()))
        entries = self.summary
        if configuration is not None:
            labels = [configuration] if isinstance(configuration, str) else configuration
            entries = [self._entry(label) for label in labels]
        elif charts()[name].per_configuration:
            entries = [shown_of(entries) or entries[0]]
        drawings = dict(charts()[name].drawings(entries))
        if not drawings:
            one = f" of {entries[0].header.label!r}" if len(entries) == 1 else ""
            raise StudyError(f"there is nothing to draw{one} as {name!r}")
        if of is not None and of not in drawings:
            raise StudyError(unknown("setting", of, drawings), where=name)
        from seedbed.report.notebook_chart import shown

        return shown(drawings[of] if of is not None else next(iter(drawings.values())))

    def __str__(self) -> str:
        lines = [self.name, *self.answer]
        return "\n".join(map(printable, lines)) + f"\n\n{self.table()}"

    def _repr_html_(self) -> str:
        first, *rest = self.answer
        items = "".join(f"<li>{_text(sentence)}</li>" for sentence in rest)
        parts = [f"<h3>{_text(self.name)}</h3><p><b>{_text(first)}</b></p><ul>{items}</ul>"]
        parts += [html.render(table.report) for table in self.first_tables()]
        parts += [f'<div style="overflow-x: auto">{chart}</div>' for chart in self._first_charts()]
        return f"<div>{''.join(parts)}</div>"

    def first_tables(self, baseline: str | None = None) -> Iterator[StudyTable]:
        """Yield the tables of a first look.

        Args:
            baseline: The label of the configuration that all others are compared with; by default
                they are compared as in the summary.
        """
        for table in tables().values():
            if baseline is not None and table.compared is not None:
                yield StudyTable(table.make(table.compared(self.summary, baseline, None, None)))
            elif table.first_look and (entries := table.first_look(self.summary)):
                yield StudyTable(table.make(entries))

    def _first_charts(self) -> Iterator[str]:
        if len(self.summary) > MOST_CHARTED:
            return
        for name, chart in charts().items():
            entries = chart.first_look(self.summary) if chart.first_look else ()
            drawing = chart.draw(entries) if entries else None
            if drawing is not None:
                yield _picture(name, drawing)

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
        return self.entry.header.settings or {}

    @property
    def variant(self) -> str | None:
        return self.entry.header.variant


def _picture(name: str, drawing: "Drawing") -> str:
    """Return a chart as it is drawn here, so that the notebook needs no scripts and no network."""
    from seedbed.report.notebook_chart import WIDTH, svg

    # As an image, so that its fonts cannot clash with those of the next chart.
    data = base64.b64encode(svg(drawing).encode()).decode()
    return (
        f'<img src="data:image/svg+xml;base64,{data}" alt="{_text(charts()[name].description)}" '
        f'style="width: {WIDTH}px; max-width: none">'
    )


def _of_data(name: str, sentence: str) -> str:
    """Return a sentence that says of which dataset it is."""
    named = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", sentence)
    return sentence if named else f"{name}: {sentence}"


def _text(text: str) -> str:
    return escape(printable(text))
