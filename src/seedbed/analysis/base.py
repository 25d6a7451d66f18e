"""The contract of an analysis: one subject of evaluation, from the arrays of runs to sentences.

An analysis is a file (or, if it is long, a folder) in ``analysis/subjects`` that ends with::

    ANALYSIS = Analysis("confusion", topic="errors", result=Confusion, compute=compute, ...)

Everything else loops over :func:`seedbed.analysis.registry.analyses`: the summary, the tables, the
page, the figures and notebooks know no analysis by its name. So a new metric is one file and its
test: see :mod:`seedbed.analysis.subjects.class_averages`.

* ``result`` is a frozen ``msgspec.Struct``. Its fields are keys of an entry of ``summary.json``, so
  no other analysis may have a field of the same name. ``entry.view(Result)`` reads it back; a field
  without a default is never null where there is a result. Fractions are from 0 to 1, classes go by
  their names, and what is not defined is ``None``, never NaN.
* ``compute`` makes it from what is known of the runs of one configuration: arrays in, frozen result
  out, no side effects. It returns ``None`` where :class:`Material` lacks what it needs.
* ``relate`` makes it from the entries of a whole study instead, for what compares configurations;
  ``relate_changed`` does so for a few entries that have changed, where no other result changes with
  them.
* ``inquiry`` asks the stored weights of runs what their predictions do not tell, and keeps the
  answers beside the runs (:mod:`seedbed.analysis.inquiries.inquiry`).
* ``tables``, ``charts`` and ``sentences`` show what entries hold; they take entries with and
  without a result, and leave out those without. ``pictures`` also need the test images or the
  stored weights.
* ``parts`` say what of it a page shows, where that is not simply everything
  (:mod:`seedbed.analysis.part`).

NumPy, SciPy and Altair take their time to be imported, and a table needs none of them: they are
imported by the functions that need them, or by files beside ``__init__.py`` in a folder.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeVar, get_args

import msgspec

from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PageMaterial, PagePart
from seedbed.display.table import Report

if TYPE_CHECKING:
    from seedbed.analysis.inquiries.inquiry import Inquiry
    from seedbed.analysis.material import Material
    from seedbed.display.charts.style import Drawing
    from seedbed.display.pictures.drawing import Picture

Topic = Literal[
    "results",
    "comparisons",
    "networks",
    "training",
    "noise",
    "errors",
    "features",
    "cost",
    "runs",
    "setup",
]
"""Under which heading of a page an analysis stands, in the order of the page."""
TOPICS: Final[tuple[Topic, ...]] = get_args(Topic)

Result = TypeVar("Result", bound=msgspec.Struct)

FirstLook = Callable[[Sequence[Entry]], Sequence[Entry]]
"""Takes all entries, and returns those that a first look shows: none where there is nothing to
see."""


RelateChanged = Callable[[Sequence[Entry], Mapping[int, Entry]], Mapping[int, Any] | None]


FEW: Final = 8


def always(entries: Sequence[Entry]) -> bool:  # noqa: ARG001
    """Return true: there is no condition."""
    return True


def few(entries: Sequence[Entry]) -> bool:
    """Return whether there are so few that each has a place in a chart's legend."""
    return len(entries) <= FEW


def never(entries: Sequence[Entry]) -> bool:  # noqa: ARG001
    """Return false."""
    return False


@dataclass(frozen=True)
class TableView:
    """A table of an analysis: ``seedbed table DIR NAME``."""

    title: str
    make: Callable[[Sequence[Entry]], Report]
    """From entries of a summary, at least one."""
    detail: Callable[[Entry], bool] | None = None
    """Of which configurations a page shows the table of that one alone, under "Tables"; of none by
    default."""
    first_look: FirstLook | None = None
    """What a study that shows itself, in a notebook or terminal, shows as this table; nothing by
    default."""
    in_documents: Callable[[Sequence[Entry]], bool] = always
    """Of which entries a document to hand in shows it."""
    compared: (
        Callable[[Sequence[Entry], str | None, str | None, float | None], Sequence[Entry]] | None
    ) = None
    """Compares the entries anew, with a baseline, by a factor or within a margin; by default
    nothing is compared."""


@dataclass(frozen=True)
class ChartView:
    """A chart of an analysis, for the page, a paper and a notebook."""

    title: str
    description: str
    """What it shows, for readers who cannot see it and for the list of figures."""
    draw: "Callable[..., Drawing | None]"
    """The chart of these entries; ``None`` where there is nothing to draw."""
    per_configuration: bool = False
    """Whether ``draw`` takes one entry at a time, as a sequence of one."""
    drawn_for: Callable[[Sequence[Entry]], Sequence[str]] | None = None
    """What there is a drawing each of, such as the settings that vary; ``draw`` takes its name as a
    second argument. By default there is one drawing."""
    first_look: FirstLook | None = None
    """What a study that shows itself in a notebook draws; nothing by default."""
    in_documents: Callable[[Sequence[Entry]], bool] = always
    """Of which entries a document to hand in shows it."""
    wide: bool = False
    """Whether a document gives it the width of a page: rows with long labels."""
    in_groups: bool = False
    """Whether a document draws many configurations in groups, a chart for each group."""

    def drawings(self, entries: Sequence[Entry]) -> "Iterator[tuple[str, Drawing]]":
        """Yield what the chart is drawn for, empty where it is one drawing, and the drawing.

        Args:
            entries: All, or one of a chart of one configuration.
        """
        from altair.utils.schemapi import debug_mode

        # Altair would check every part of a chart against the schema of Vega-Lite, which takes
        # longer than drawing it. Tests draw the same charts with the check.
        with debug_mode(False):
            if self.drawn_for is None:
                named = [("", self.draw(entries))]
            else:
                named = [(name, self.draw(entries, name)) for name in self.drawn_for(entries)]
        yield from ((name, drawing) for name, drawing in named if drawing is not None)


@dataclass(frozen=True)
class PictureView:
    """Pictures of an analysis that are no charts, for a paper: images, or a diagram."""

    title: str
    description: str
    """What they show, for the list of figures."""
    draw: "Callable[[PageMaterial], Sequence[Picture]]"
    """One for each configuration or network of which there is something to show; none where the
    images are not there."""


@dataclass(frozen=True)
class Analysis(Generic[Result]):
    """One subject of evaluation; see the docstring of this module."""

    name: str
    topic: Topic
    result: type[Result] | None = None
    compute: "Callable[[Material], Result | None] | None" = None
    relate: Callable[[Sequence[Entry]], Sequence[Result | None]] | None = None
    relate_changed: RelateChanged | None = None
    """Given all entries and, by their places, those that some of them replace, returns the results
    of these; ``None`` where the result of any other entry may change, too."""
    inquiry: "Inquiry[Any] | None" = None
    tables: Mapping[str, TableView] = field(default_factory=dict)
    charts: Mapping[str, ChartView] = field(default_factory=dict)
    pictures: Mapping[str, PictureView] = field(default_factory=dict)
    sentences: Callable[[Sequence[Entry]], Iterator[str]] | None = None
    """Of the entries of one test set, the most important first."""
    methods: Callable[[Sequence[Entry]], Iterator[str]] | None = None
    """Sentences of a paper's methods about it; citations are ``[@key]``, with keys of
    ``report/methods/references.bib``."""
    opens_page: bool = True
    """Whether the sentences are part of the answer that opens a page, or stand with the charts."""
    of_study: bool = False
    """Whether its result is short, and its sentences are about the study: a page that shows only
    some configurations in detail has them of all."""
    parts: Sequence[PagePart] | None = None
    """What a page shows under the heading of the topic: by default all charts and tables."""
    rank: int = 50
    """Where it stands within its topic: low numbers first."""
