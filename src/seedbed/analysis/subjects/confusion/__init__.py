"""Which classes are predicted as which: the confusion matrices of the runs."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedbed.analysis.base import Analysis, ChartView, TableView
from seedbed.analysis.entry import Entry
from seedbed.analysis.material import Material
from seedbed.analysis.subjects.confusion.result import Confusion
from seedbed.analysis.subjects.confusion.table import confusion_table

if TYPE_CHECKING:
    from seedbed.display.charts.style import Drawing


def _compute(material: Material) -> Confusion | None:
    from seedbed.analysis.subjects.confusion.matrices import confusion_matrices

    return confusion_matrices(material.predictions).result() if material.predictions else None


def _chart(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.confusion.chart import chart

    return chart(entries)


ANALYSIS = Analysis(
    "confusion",
    topic="errors",
    result=Confusion,
    compute=_compute,
    tables={"confusion": TableView("Confusion matrix", confusion_table)},
    charts={
        "confusion": ChartView(
            "Confusion matrix",
            "The fraction of each true class predicted as each class, mean over the runs. The "
            "diagonal is muted, so that errors stand out.",
            _chart,
            per_configuration=True,
        )
    },
    rank=0,
)
