"""Which labels noise puts for which: as asked for, and as drawn."""

from collections.abc import Iterator, Sequence

from seedbed.report.charts.matrix import MOST, Cell, heat_map, most_confused
from seedbed.report.charts.parts import heading, of_one, runs_in_words
from seedbed.report.charts.style import Drawing
from seedbed.report.wording import percent
from seedbed.study.summary_file import Entry

Matrix = Sequence[Sequence[float]]


def transition(entries: Sequence[Entry]) -> Drawing | None:
    """Return the transition matrix that was asked for; human labels have none."""
    (entry,) = entries
    return _drawing(
        entry, "transition", "Label noise asked for", "Percent of the clean class (row)"
    )


def realised_transition(entries: Sequence[Entry]) -> Drawing | None:
    """Return which fraction of each class got which label, mean over the runs."""
    (entry,) = entries
    means = f"Percent of the clean class (row), mean over {runs_in_words(entries)}"
    return _drawing(entry, "matrix", "Label noise as drawn", means)


def _drawing(entry: Entry, key: str, title: str, means: str) -> Drawing | None:
    found = entry["noise"]
    if not found or found["kind"] == "none" or not found[key] or len(found[key]) < 2:
        return None
    both = [matrix for matrix in (found["transition"], found["matrix"]) if matrix]
    classes = most_confused(both[0])  # the same in both charts
    matrix: Matrix = found[key]
    names = entry["class_names"] or list(map(str, range(len(matrix))))
    chart = heat_map(
        _cells(matrix, classes),
        names,
        classes,
        axes=("clean label", "label given"),
        columns={"percent": ("string", "of the clean class")},
        legend="wrong labels, % of the clean class (right: grey)",
        highest=max(_beside(each) for each in both),
    )
    cut = f" The {MOST} noisiest of {len(matrix)} classes." if len(matrix) > MOST else ""
    return chart.properties(
        title=heading(f"{title}{of_one(entry)}", f"{means}.{cut} {entry['dataset']}.")
    )


def _cells(matrix: Matrix, classes: Sequence[int]) -> Iterator[Cell]:
    for row in classes:
        for column in classes:
            yield Cell(row, column, matrix[row][column], (percent(matrix[row][column]),))


def _beside(matrix: Matrix) -> float:
    return max(
        value
        for row, values in enumerate(matrix)
        for column, value in enumerate(values)
        if row != column
    )
