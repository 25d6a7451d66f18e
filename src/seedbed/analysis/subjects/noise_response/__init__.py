"""How test accuracy responds to label noise: trends, falls, and how methods differ in them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from seedbed.analysis.base import Analysis, ChartView, TableView, never
from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PagePart
from seedbed.analysis.subjects.noise_response.result import NoiseResponse, responses_of
from seedbed.analysis.subjects.noise_response.sentences import sentences
from seedbed.analysis.subjects.noise_response.table import (
    fall_differences_table,
    noise_response_table,
)

if TYPE_CHECKING:
    from seedbed.display.charts.style import Drawing


def _relate(entries: Sequence[Entry]) -> list[NoiseResponse]:
    from seedbed.analysis.subjects.noise_response.relate import relate

    return relate(entries)


def _relate_changed(
    entries: Sequence[Entry], before: Mapping[int, Entry]
) -> Mapping[int, NoiseResponse] | None:
    from seedbed.analysis.subjects.comparisons.pairing import stays_in_its_block

    none = all(stays_in_its_block(old, entries[place]) for place, old in before.items())
    return dict.fromkeys(before, NoiseResponse()) if none else None


def _draw(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.noise_response.chart import response_chart

    return response_chart(entries)


ANALYSIS = Analysis(
    "noise-response",
    topic="noise",
    result=NoiseResponse,
    relate=_relate,
    relate_changed=_relate_changed,
    tables={
        "noise-response": TableView("Response to label noise", noise_response_table),
        # For programs: people have it below the responses.
        "fall-differences": TableView(
            "Differences of falls", fall_differences_table, in_documents=never
        ),
    },
    charts={
        "noise-response": ChartView(
            "Test accuracy by label noise",
            "Test accuracy against the rate of wrong training labels: every run, the mean, and a "
            "band of ± 1 standard deviation.",
            _draw,
            first_look=lambda entries: entries,
        )
    },
    sentences=sentences,
    of_study=True,
    parts=(
        PagePart(
            tables=("noise-response",),
            applies=lambda entries: bool(responses_of(entries)),
            open=True,
        ),
    ),
    rank=40,
)
