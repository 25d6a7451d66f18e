"""Corruption robustness: accuracy on test images that are shifted, rotated, noisy or blurred."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from seedbed.analysis.base import Analysis, ChartView, TableView
from seedbed.analysis.entry import Entry
from seedbed.analysis.inquiries.inquiry import stored_answers
from seedbed.analysis.part import PagePart
from seedbed.analysis.subjects.robustness.inquiry import RobustnessInquiry
from seedbed.analysis.subjects.robustness.result import Robustness, corrupted_networks
from seedbed.analysis.subjects.robustness.sentences import sentences
from seedbed.analysis.subjects.robustness.table import robustness_table

if TYPE_CHECKING:
    from seedbed.analysis.material import Material
    from seedbed.display.charts.style import Drawing

INQUIRY: Final = RobustnessInquiry()


def _compute(material: "Material") -> Robustness | None:
    if material.results is None:  # no weights that could have been asked
        return None
    from seedbed.analysis.subjects.robustness.compute import robustness

    return robustness(stored_answers(INQUIRY, material))


def _draw(kind: str, entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.robustness.chart import robustness_chart

    return robustness_chart(kind, entries)


def _chart(kind: str, images: str, x: str) -> ChartView:
    return ChartView(
        f"Test accuracy on {images} images",
        f"A line for each network: its mean accuracy on {images} test images against the {x}, "
        "with 95% intervals and every run.",
        partial(_draw, kind),
    )


ANALYSIS = Analysis(
    "robustness",
    topic="networks",
    result=Robustness,
    compute=_compute,
    inquiry=INQUIRY,
    tables={"robustness": TableView("Corruption robustness", robustness_table)},
    charts={
        "robustness-shift": _chart("shift", "shifted", "pixels of the shift"),
        "robustness-rotation": _chart("rotation", "rotated", "degrees of the rotation"),
        "robustness-noise": _chart("noise", "noisy", "standard deviation of Gaussian noise"),
        "robustness-blur": _chart("blur", "blurred", "standard deviation of Gaussian blur"),
    },
    sentences=sentences,
    opens_page=False,
    parts=(
        PagePart(
            title="Corrupted test images",
            applies=lambda entries: len(corrupted_networks(entries)) > 1,
        ),
    ),
    rank=60,
)
