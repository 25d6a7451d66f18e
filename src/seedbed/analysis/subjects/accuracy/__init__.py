"""Training and test accuracy of every run, and what other checkpoints would report."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedbed.analysis.base import Analysis, ChartView, TableView
from seedbed.analysis.entry import Entry
from seedbed.analysis.material import Material
from seedbed.analysis.part import PagePart
from seedbed.analysis.subjects.accuracy.result import Accuracy
from seedbed.analysis.subjects.accuracy.table import accuracy_table, checkpoints_table

if TYPE_CHECKING:
    from seedbed.display.charts.style import Drawing


def _compute(material: Material) -> Accuracy:
    from seedbed.analysis.subjects.accuracy.compute import compute

    return compute(material)


def _chart(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.accuracy.chart import chart

    return chart(entries)


ANALYSIS = Analysis(
    "accuracy",
    topic="results",
    result=Accuracy,
    compute=_compute,
    tables={
        "accuracy": TableView(
            "Accuracy",
            accuracy_table,
            detail=lambda _: True,
            first_look=lambda entries: entries,
        ),
        "checkpoints": TableView("Accuracy by checkpoint", checkpoints_table),
    },
    charts={
        "accuracy": ChartView(
            "Test accuracy",
            "A row for each configuration: the test accuracy of every run, their mean and its 95% "
            "interval.",
            _chart,
            first_look=lambda entries: entries if len(entries) > 1 else (),
            wide=True,
        )
    },
    of_study=True,
    parts=(
        PagePart(tables=(), half=True),
        PagePart(name="accuracy-table", charts=(), applies=lambda _: True, open=True, rank=20),
    ),
    rank=0,
)
