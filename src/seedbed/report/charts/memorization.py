"""What becomes of wrong labels over the epochs: learned by heart, or seen through."""

from collections.abc import Sequence
from functools import cache

import altair as alt

from seedbed.analysis.entry import Entry
from seedbed.display.charts.style import COLORS, Drawing
from seedbed.report.charts.epochs import Shape, frame, marks, with_lines
from seedbed.report.charts.parts import (
    about_data,
    heading,
    line_legend,
    line_of,
    of_one,
    runs_in_words,
)

WHATS = {"memorized": "memorized", "seen through": "recovered"}
"""What readers call it -> the key of the curves."""


def memorization(entries: Sequence[Entry]) -> Drawing | None:
    """Return both fractions of the wrong labels after every epoch, of one configuration."""
    (entry,) = entries
    found = [line_of(entry, what, key) for what, key in WHATS.items()]
    lines = [line for line in found if line]
    if not lines:
        return None
    title = heading(
        f"Wrong labels over the epochs{of_one(entry)}",
        "Memorized: predicted as taught; seen through: the clean label predicted instead. "
        f"{runs_in_words(entries)}; {marks(lines)}. {about_data(entries)}.",
    )
    shape = Shape.of(lines, "of the wrong labels", fractions=True)
    return with_lines(_frame(shape), lines, title)


@cache
def _frame(shape: Shape) -> Drawing:
    names = list(WHATS)
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
