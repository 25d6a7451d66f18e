"""Which labels noise puts for which: as asked for, and as drawn."""

from collections.abc import Iterator, Sequence
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.display.charts.style import Drawing
from seedbed.display.formatters import percent
from seedbed.report.charts.matrix import MOST, Cell, Wording, heat_map, most_confused
from seedbed.report.charts.parts import about_data, heading, of_one, runs_in_words

WORDING: Final = Wording(
    rows="clean label",
    columns="label given",
    legend="wrong labels, % of the clean class (right: gray)",
    tooltip=(("percent", "string", "of the clean class"),),
)

Matrix = Sequence[Sequence[float]]


def transition(entries: Sequence[Entry]) -> Drawing | None:
    """Return the transition matrix that was asked for; human labels have none."""
    return _drawing(entries, "transition", "Label noise asked for", "")


def realized_transition(entries: Sequence[Entry]) -> Drawing | None:
    """Return which fraction of each class got which label, mean over the runs."""
    mean = f", mean over {runs_in_words(entries)}"
    return _drawing(entries, "matrix", "Label noise as drawn", mean)


def _drawing(entries: Sequence[Entry], key: str, title: str, mean: str) -> Drawing | None:
    (entry,) = entries
    found = entry["noise"]
    if not found or found["kind"] == "none" or not found[key] or len(found[key]) < 2:
        return None
    both = [matrix for matrix in (found["transition"], found["matrix"]) if matrix]
    classes = most_confused(both[0])  # the same in both charts, and below the same colors
    matrix: Matrix = found[key]
    cut = f" The {MOST} noisiest of {len(matrix)} classes." if len(matrix) > MOST else ""
    return heat_map(
        WORDING,
        heading(
            f"{title}{of_one(entry)}",
            f"Percent of the clean class (row){mean}.{cut} {about_data(entries)}.",
        ),
        _cells(matrix, classes),
        entry["class_names"] or list(map(str, range(len(matrix)))),
        classes,
        max(map(_highest, both)),
    )


def _cells(matrix: Matrix, classes: Sequence[int]) -> Iterator[Cell]:
    for row in classes:
        for column in classes:
            yield Cell(row, column, matrix[row][column], (percent(matrix[row][column]),))


def _highest(matrix: Matrix) -> float:
    """Return the highest rate of wrong labels."""
    return max(
        value
        for row, values in enumerate(matrix)
        for column, value in enumerate(values)
        if row != column
    )
