"""The chart of memorized and recovered labels over the epochs."""

from collections.abc import Sequence
from functools import cache
from typing import Final

import altair as alt

from seedbed.analysis.chart_captions import about_data, of_one, runs_in_words
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.training.lines import line_of
from seedbed.display.charts.epochs import Shape, frame, marks, with_lines
from seedbed.display.charts.parts import heading, line_legend
from seedbed.display.charts.style import COLORS, Drawing

KEYS: Final = ("memorized", "recovered")
"""Keys of the curves."""


def memorization_chart(entries: Sequence[Entry]) -> Drawing | None:
    """Return both fractions after every epoch, of one configuration."""
    (entry,) = entries
    measured = [line_of(entry, key, key) for key in KEYS]
    lines = [line for line in measured if line]
    if not lines:
        return None
    title = heading(
        f"Memorized and recovered labels over the epochs{of_one(entry)}",
        "Of the training images with a wrong label, the fraction predicted as the noisy label "
        "(memorized) and as the clean label (recovered). "
        f"{runs_in_words(entries)}; {marks(lines)}. {about_data(entries)}.",
    )
    shape = Shape.of(lines, "of the wrongly labeled images", fractions=True)
    return with_lines(_frame(shape), lines, title)


@cache
def _frame(shape: Shape) -> Drawing:
    names = list(KEYS)
    legend = line_legend(names)
    colors = alt.Scale(domain=names, range=[COLORS[1], COLORS[0]])
    dashes = alt.Scale(domain=names, range=[[], [5, 2]])
    return frame(
        shape,
        [
            alt.Color("what:N", scale=colors, legend=legend),
            alt.StrokeDash("what:N", scale=dashes, legend=legend),
        ],
    )
