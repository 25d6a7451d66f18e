"""Which classes are predicted as which: the confusion matrices of the runs."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from seedbed.analysis.base import Analysis, ChartView, TableView, never
from seedbed.analysis.entry import Entry
from seedbed.analysis.material import Material
from seedbed.analysis.part import PageMaterial, PagePart, ShownImage
from seedbed.analysis.subjects.accuracy.result import shown_of
from seedbed.analysis.subjects.confusion.result import Confusion
from seedbed.analysis.subjects.confusion.table import confusion_table

if TYPE_CHECKING:
    from seedbed.display.charts.style import Drawing

MOST_CLASSES_IN_TABLE: Final = 30
"""A larger matrix is unreadable as a table."""


def _compute(material: Material) -> Confusion | None:
    from seedbed.analysis.subjects.confusion.matrices import confusion_matrices

    return confusion_matrices(material.predictions).result() if material.predictions else None


def _chart(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.confusion.chart import chart

    return chart(entries)


def _readable(entry: Entry) -> bool:
    result = entry.view(Confusion)
    return result is not None and len(result.confusion) <= MOST_CLASSES_IN_TABLE


def _best(entries: Sequence[Entry]) -> Sequence[Entry]:
    best = shown_of(entries)
    return [best] if best else ()


def _matrices(material: PageMaterial) -> Any:
    from seedbed.analysis.subjects.confusion.page import matrices

    return matrices(material)


def _images(entries: Sequence[Entry]) -> Iterator[ShownImage]:
    from seedbed.analysis.subjects.confusion.page import cell_images

    return cell_images(entries)


def _how_to_read(entries: Sequence[Entry]) -> str:
    several = any(entry.header.n > 1 for entry in entries)
    return (
        f"{'Mean over the runs; the' if several else 'The'} diagonal (correct) stays pale. Click a "
        "cell, or move with the arrow keys and press Enter, to see its images."
    )


ANALYSIS = Analysis(
    "confusion",
    topic="errors",
    result=Confusion,
    compute=_compute,
    tables={
        "confusion": TableView(
            "Confusion matrix", confusion_table, detail=_readable, in_documents=never
        )
    },
    charts={
        "confusion": ChartView(
            "Confusion matrix",
            "The fraction of each true class predicted as each class, mean over the runs. The "
            "diagonal is muted, so that errors stand out.",
            _chart,
            per_configuration=True,
            first_look=_best,
        )
    },
    parts=(
        PagePart(
            title="Confusion matrix",
            text=_how_to_read,
            charts=(),
            tables=(),
            template="matrix",
            data=_matrices,
            images=_images,
            per_configuration=True,
        ),
    ),
    rank=0,
)
