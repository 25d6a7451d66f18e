"""The charts of transition matrices: as configured, and as observed."""

from collections.abc import Iterator, Sequence
from typing import Final

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
    return _drawing(entries, "Configured transition matrix", observed=False)


def observed_chart(entries: Sequence[Entry]) -> Drawing | None:
    """Return the fraction of each class that got each label, mean over the runs."""
    return _drawing(entries, "Observed transition matrix", observed=True)


def _drawing(entries: Sequence[Entry], title: str, *, observed: bool) -> Drawing | None:
    (entry,) = entries
    noise = noise_of(entry)
    if noise is None or noise.kind == "none":
        return None
    matrix = noise.matrix if observed else noise.transition
    if not matrix or len(matrix) < 2:
        return None
    both = [known for known in (noise.transition, noise.matrix) if known]
    classes = most_confused(both[0])  # The same in both charts, and below the same colors.
    mean = f", mean over {runs_in_words(entries)}" if observed else ""
    cut = f" The {MOST} noisiest of {len(matrix)} classes." if len(matrix) > MOST else ""
    return heat_map(
        WORDING,
        heading(
            f"{title}{of_one(entry)}",
            f"Percent of the clean class (row){mean}.{cut} {about_data(entries)}.",
        ),
        _cells(matrix, classes),
        entry.header.class_names or list(map(str, range(len(matrix)))),
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
