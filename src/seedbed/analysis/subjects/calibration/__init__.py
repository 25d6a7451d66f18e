"""Whether probabilities are right: a prediction with 90% confidence should be correct in 90%."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedbed.analysis.base import Analysis, ChartView, TableView
from seedbed.analysis.entry import Entry
from seedbed.analysis.material import Material
from seedbed.analysis.part import PagePart
from seedbed.analysis.subjects.calibration.result import CalibrationOfRuns
from seedbed.analysis.subjects.calibration.table import calibration_table

if TYPE_CHECKING:
    from seedbed.display.charts.style import Drawing


def _compute(material: Material) -> CalibrationOfRuns | None:
    from seedbed.analysis.subjects.calibration.compute import calibration

    return CalibrationOfRuns(calibration(material.predictions)) if material.scored else None


def _chart(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.calibration.chart import chart

    return chart(entries)


def _evaluated(entry: Entry) -> bool:
    return entry.view(CalibrationOfRuns) is not None


ANALYSIS = Analysis(
    "calibration",
    topic="errors",
    result=CalibrationOfRuns,
    compute=_compute,
    tables={"calibration": TableView("Calibration", calibration_table, detail=_evaluated)},
    charts={
        "calibration": ChartView(
            "Reliability diagram",
            "Accuracy against confidence: a circle for each bin of confidences, sized by its "
            "number of images, and its distance from the diagonal.",
            _chart,
            per_configuration=True,
        )
    },
    parts=(
        PagePart(
            title="Calibration",
            text="Below the diagonal, predictions are overconfident.",
            half=True,
            rank=70,
        ),
    ),
    rank=40,
)
