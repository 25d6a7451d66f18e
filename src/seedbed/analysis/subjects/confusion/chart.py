"""The confusion matrix of one configuration as colored cells."""

from collections.abc import Iterator, Sequence
from typing import Final

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.chart_captions import about, of_one, runs_in_words
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.confusion.result import Confusion
from seedbed.display.charts.matrix import MOST, Cell, Wording, heat_map, most_confused
from seedbed.display.charts.parts import heading
from seedbed.display.charts.style import Drawing
from seedbed.display.formatters import percent_spread

WORDING: Final = Wording(
    rows="true class",
    columns="predicted class",
    legend="errors, % of the true class (correct: gray)",
    tooltip=(
        ("spread", "string", "of the true class, mean ± std"),
        ("images", "string", "images per run, mean"),
        ("n", "number", "runs (n)"),
    ),
)


def chart(entries: Sequence[Entry]) -> Drawing | None:
    """Return the matrix of one configuration, normalized by the true class."""
    (entry,) = entries
    result = entry.view(Confusion)
    if not result or len(result.confusion) < 2:
        return None
    size = len(result.confusion)
    classes = most_confused(result.confusion)
    cut = f" The {MOST} most confused of {size} classes." if size > MOST else ""
    title = heading(
        f"Confusion matrix{of_one(entry)}",
        f"Percent of the true class (row), mean over {runs_in_words(entries)}.{cut} "
        f"{about(entries)}.",
    )
    names = entry.header.class_names or ()
    return heat_map(WORDING, title, _cells(entry, result, classes), names, classes)


def _cells(entry: Entry, result: Confusion, classes: Sequence[int]) -> Iterator[Cell]:
    n, counts, stds = entry.header.n, result.confusion_counts, result.confusion_std
    for row in classes:
        for column in classes:
            rate = result.confusion[row][column]
            shown = percent_spread(Aggregate(rate, stds[row][column] if stds else None, n))
            images = sum(run[row][column] for run in counts) / len(counts)
            yield Cell(row, column, rate, (shown, f"{images:.1f}", n))
