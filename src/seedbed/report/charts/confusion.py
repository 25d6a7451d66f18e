"""Which classes are taken for which."""

from collections.abc import Iterator, Sequence
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.display.charts.style import Drawing
from seedbed.display.formatters import percent_spread
from seedbed.report.charts.matrix import MOST, Cell, Wording, heat_map, most_confused
from seedbed.report.charts.parts import about, heading, of_one, runs_in_words

WORDING: Final = Wording(
    rows="true class",
    columns="predicted class",
    legend="errors, % of the true class (right: gray)",
    tooltip=(
        ("spread", "string", "of the true class, mean ± std"),
        ("images", "string", "images a run, mean"),
        ("n", "number", "runs (n)"),
    ),
)


def confusion(entries: Sequence[Entry]) -> Drawing | None:
    """Return the matrix of one configuration, normalized by the true class."""
    (entry,) = entries
    matrix = entry["confusion"]
    if not matrix or len(matrix) < 2:
        return None
    classes = most_confused(matrix)
    cut = f" The {MOST} most confused of {len(matrix)} classes." if len(matrix) > MOST else ""
    title = heading(
        f"Confusion matrix{of_one(entry)}",
        f"Percent of the true class (row), mean over {runs_in_words(entries)}.{cut} "
        f"{about(entries)}.",
    )
    return heat_map(WORDING, title, _cells(entry, classes), entry["class_names"], classes)


def _cells(entry: Entry, classes: Sequence[int]) -> Iterator[Cell]:
    means, stds, counts = (entry[f"confusion{key}"] for key in ("", "_std", "_counts"))
    for row in classes:
        for column in classes:
            mean = means[row][column]
            spread = {"mean": mean, "std": stds[row][column] if stds else None}
            images = sum(run[row][column] for run in counts) / len(counts)
            yield Cell(row, column, mean, (percent_spread(spread), f"{images:.1f}", entry["n"]))
