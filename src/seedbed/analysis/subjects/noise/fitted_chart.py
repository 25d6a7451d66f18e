"""The charts of memorized and of recovered labels over epochs, a line for each configuration."""

from collections.abc import Sequence
from typing import Final, Literal

from seedbed.analysis.chart_captions import about_data, color, dash, finished, runs_in_words
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.training.lines import line_of
from seedbed.display.charts.epochs import Shape, frame, marks, with_lines
from seedbed.display.charts.parts import heading
from seedbed.display.charts.style import Drawing

WORDS: Final = {"memorized": "as their noisy label", "recovered": "as their clean label"}


def fitted_chart(
    entries: Sequence[Entry], measure: Literal["memorized", "recovered"]
) -> Drawing | None:
    """Return the fraction after every epoch; ``None`` for fewer than two configurations."""
    measured = [(entry, line_of(entry, measure, measure)) for entry in finished(entries)]
    known = [(entry, line) for entry, line in measured if line]
    if len(known) < 2:
        return None
    drawn, lines = [entry for entry, _ in known], [line for _, line in known]
    title = heading(
        f"{measure.capitalize()} labels of all configurations over the epochs",
        "Of the training images with a wrong label, the fraction predicted "
        f"{WORDS[measure]}. {runs_in_words(drawn)}; {marks(lines)}. {about_data(drawn)}.",
    )
    shape = Shape.of(lines, "of the wrongly labeled images", fractions=True)
    return with_lines(frame(shape, [color(entries), dash(entries)]), lines, title)
