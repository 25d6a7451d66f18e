"""Which classes are taken for which."""

from collections.abc import Iterator, Sequence

from seedbed.report.charts.matrix import MOST, Cell, heat_map, most_confused
from seedbed.report.charts.parts import about, heading, of_one, runs_in_words
from seedbed.report.charts.style import Drawing
from seedbed.report.wording import percent_spread
from seedbed.study.summary_file import Entry


def confusion(entries: Sequence[Entry]) -> Drawing | None:
    """Return the matrix of one configuration, normalised by the true class."""
    (entry,) = entries
    matrix = entry["confusion"]
    if not matrix or len(matrix) < 2:
        return None
    classes = most_confused(matrix)
    chart = heat_map(
        _cells(entry, classes),
        entry["class_names"],
        classes,
        axes=("true class", "predicted class"),
        columns={
            "spread": ("string", "of the true class, mean ± std"),
            "images": ("number", "images a run, mean"),
            "n": ("number", "runs (n)"),
        },
        legend="errors, % of the true class (right: grey)",
    )
    cut = f" The {MOST} most confused of {len(matrix)} classes." if len(matrix) > MOST else ""
    return chart.properties(
        title=heading(
            f"Confusion matrix{of_one(entry)}",
            f"Percent of the true class (row), mean over {runs_in_words([entry])}.{cut} "
            f"{about([entry])}.",
        )
    )


def _cells(entry: Entry, classes: Sequence[int]) -> Iterator[Cell]:
    means, stds = entry["confusion"], entry["confusion_std"]
    counts = entry["confusion_counts"]
    for row in classes:
        for column in classes:
            spread = {
                "mean": means[row][column],
                "std": stds[row][column] if stds else None,
            }
            images = sum(run[row][column] for run in counts) / len(counts)
            yield Cell(
                row, column, means[row][column], (percent_spread(spread), images, entry["n"])
            )
