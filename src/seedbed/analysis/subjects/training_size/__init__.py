"""Accuracy by the number of training images, and networks compared at each number."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from seedbed.analysis.base import Analysis, ChartView, TableView
from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PagePart
from seedbed.analysis.subjects.training_size.result import SizeComparisons
from seedbed.analysis.subjects.training_size.table import training_size_table

if TYPE_CHECKING:
    from seedbed.display.charts.style import Drawing


def _relate(entries: Sequence[Entry]) -> list[SizeComparisons]:
    from seedbed.analysis.subjects.training_size.pairs import compare_by_size

    by_label = compare_by_size(entries)
    return [SizeComparisons(tuple(by_label.get(entry.header.label, ()))) for entry in entries]


def _relate_changed(
    entries: Sequence[Entry], before: Mapping[int, Entry]
) -> Mapping[int, SizeComparisons] | None:
    from seedbed.analysis.subjects.comparisons.pairing import stays_in_its_block

    none = all(stays_in_its_block(old, entries[place]) for place, old in before.items())
    return dict.fromkeys(before, SizeComparisons(())) if none else None


def _draw(entries: Sequence[Entry]) -> "Drawing | None":
    from seedbed.analysis.subjects.training_size.chart import training_size_chart

    return training_size_chart(entries)


def _sentences(entries: Sequence[Entry]) -> Iterator[str]:
    from seedbed.analysis.subjects.training_size.sentences import sentences

    return sentences(entries)


def _several_sizes(entries: Sequence[Entry]) -> bool:
    from seedbed.analysis.subjects.training_size.series import series

    return bool(series(entries))


ANALYSIS = Analysis(
    "training-size",
    topic="networks",
    result=SizeComparisons,
    relate=_relate,
    relate_changed=_relate_changed,
    tables={"training-size": TableView("Accuracy by training images", training_size_table)},
    charts={
        "training-size": ChartView(
            "Test accuracy by the number of training images",
            "A line for each network: the mean test accuracy of its runs against the number of "
            "images that they learned from, with 95% intervals and every run.",
            _draw,
        )
    },
    sentences=_sentences,
    of_study=True,
    parts=(
        PagePart(
            title="Accuracy and training images",
            applies=_several_sizes,
            open=True,
        ),
    ),
)
