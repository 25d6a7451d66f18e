"""ROC curves, one class against the rest, and the area under them (AUC)."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from seedbed.analysis.base import Analysis, ChartView, TableView
from seedbed.analysis.entry import Entry
from seedbed.analysis.material import Material
from seedbed.analysis.part import PagePart
from seedbed.analysis.subjects.roc.result import Roc
from seedbed.analysis.subjects.roc.table import auc_table

if TYPE_CHECKING:
    from seedbed.display.charts.style import Drawing


def _compute(material: Material) -> Roc | None:
    from seedbed.analysis.subjects.roc.compute import compute

    return compute(material.predictions) if material.scored else None


def _curves(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.roc.chart import curves

    return curves(entries)


def _corner(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.roc.chart import corner

    return corner(entries)


def _evaluated(entry: Entry) -> bool:
    return entry.view(Roc) is not None


def _first_look(entries: Sequence[Entry]) -> Sequence[Entry]:
    return [entry for entry in entries if _evaluated(entry)]


def _methods(entries: Sequence[Entry]) -> Iterator[str]:
    if _first_look(entries):
        yield "AUC is that of each class against the rest [@fawcett2006roc]."


ANALYSIS = Analysis(
    "roc",
    topic="errors",
    result=Roc,
    compute=_compute,
    tables={"auc": TableView("AUC", auc_table, detail=_evaluated, first_look=_first_look)},
    charts={
        "roc": ChartView(
            "ROC curves",
            "True positive rate against false positive rate: each class against the rest, their "
            "macro and micro averages, and the line of chance, with the area under each curve.",
            _curves,
            per_configuration=True,
        ),
        "roc-corner": ChartView(
            "ROC curves, corner",
            "The corner of the ROC plot in which the curves of a good classifier bend.",
            _corner,
            per_configuration=True,
        ),
    },
    methods=_methods,
    parts=(
        PagePart(
            title="ROC curves",
            charts=("roc", "roc-corner"),
            half=True,
            rank=60,
        ),
    ),
    rank=30,
)
