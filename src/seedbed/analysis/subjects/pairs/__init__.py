"""The most confused pairs of classes, and the test images behind every confusion."""

from seedbed.analysis.base import Analysis, TableView
from seedbed.analysis.material import Material
from seedbed.analysis.subjects.pairs.result import Pairs
from seedbed.analysis.subjects.pairs.sentences import sentences
from seedbed.analysis.subjects.pairs.table import pairs_table


def _compute(material: Material) -> Pairs | None:
    from seedbed.analysis.subjects.pairs.compute import compute

    return compute(material.predictions) if material.predictions else None


ANALYSIS = Analysis(
    "pairs",
    topic="errors",
    result=Pairs,
    compute=_compute,
    tables={"pairs": TableView("Most confused pairs", pairs_table)},
    sentences=sentences,
    rank=10,
)
