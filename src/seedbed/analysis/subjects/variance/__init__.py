"""Where the spread over runs comes from: initial weights, order of images, augmentation, noise."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from seedbed.analysis.base import Analysis, ChartView, TableView
from seedbed.analysis.entry import Entry
from seedbed.analysis.material import Material
from seedbed.analysis.part import PagePart
from seedbed.analysis.subjects.variance.result import Variance, analyzed
from seedbed.analysis.subjects.variance.sentences import sentences
from seedbed.analysis.subjects.variance.table import variance_table

if TYPE_CHECKING:
    from seedbed.display.charts.style import Drawing


def _compute(material: Material) -> Variance | None:
    if material.results is None or len(material.results.varied) < 2:
        return None
    from seedbed.analysis.subjects.variance.compute import compute

    return compute(material)


def _chart(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.variance.chart import chart

    return chart(entries)


ANALYSIS = Analysis(
    "variance",
    topic="results",
    result=Variance,
    compute=_compute,
    tables={
        "variance": TableView(
            "Where the spread comes from",
            variance_table,
            first_look=lambda entries: entries if analyzed(entries) else (),
        )
    },
    charts={
        "variance": ChartView(
            "Where the spread comes from",
            "A row for each source of variance: its share of the variance of test accuracy over "
            "crossed runs, with the 95% interval.",
            _chart,
            per_configuration=True,
        )
    },
    sentences=sentences,
    parts=(
        PagePart(
            title="Where the spread comes from",
            text="Runs cross the seeds of several streams, so that the share of each in the "
            "variance over runs can be told apart.",
            applies=lambda entries: bool(analyzed(entries)),
            open=True,
        ),
    ),
    rank=5,
)
