"""The charts of transition matrices: as configured, as observed, and as estimated."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from seedbed.analysis.chart_captions import about_data, of_one, runs_in_words
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.noise.result import noise_of
from seedbed.display.charts.matrix import MOST, Cell, Wording, heat_map, most_confused
from seedbed.display.charts.parts import heading
from seedbed.display.charts.style import Drawing
from seedbed.display.formatters import percent

WORDING: Final = Wording(
    rows="clean label",
    columns="noisy label",
    legend="wrong labels, % of the clean class (correct: gray)",
    tooltip=(("percent", "string", "of the clean class"),),
)

Matrix = Sequence[Sequence[float]]


def configured_chart(entries: Sequence[Entry]) -> Drawing | None:
    """Return the configured transition matrix; human labels have none."""
    return _drawing(entries, "Configured")


def observed_chart(entries: Sequence[Entry]) -> Drawing | None:
    """Return the fraction of each class that got each label, mean over the runs."""
    return _drawing(entries, "Observed")


def estimated_chart(entries: Sequence[Entry]) -> Drawing | None:
    """Return the matrix that the method estimated, mean over the runs."""
    return _drawing(entries, "Estimated")


def _drawing(
    entries: Sequence[Entry], which: Literal["Configured", "Observed", "Estimated"]
) -> Drawing | None:
    (entry,) = entries
    noise = noise_of(entry)
    if noise is None or (noise.kind == "none" and which != "Estimated"):
        return None
    matrices = {
        "Configured": noise.transition,
        "Observed": noise.matrix,
        "Estimated": noise.estimated_matrix,
    }
    matrix = matrices[which]
    if not matrix or len(matrix) < 2:
        return None
    known = [other for other in matrices.values() if other]
    classes = most_confused(known[0])  # The same in all charts, and below the same colors.
    mean = "" if which == "Configured" else f", mean over {runs_in_words(entries)}"
    cut = f" The {MOST} noisiest of {len(matrix)} classes." if len(matrix) > MOST else ""
    return heat_map(
        WORDING,
        heading(
            f"{which} transition matrix{of_one(entry)}",
            f"Percent of the clean class (row){mean}.{cut} {about_data(entries)}.",
        ),
        _cells(matrix, classes),
        entry.header.class_names or list(map(str, range(len(matrix)))),
        classes,
        max(map(_highest, known)),
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
