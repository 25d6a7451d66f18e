"""The chart of an estimated transition matrix against the observed one, entry by entry."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import altair as alt

from seedbed.analysis.chart_captions import about, of_one, runs_in_words
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.noise.result import Noise, noise_of
from seedbed.display.charts.inline import inline
from seedbed.display.charts.parts import heading, percent_axis, with_parameters
from seedbed.display.charts.style import COLORS, GRAY, Drawing
from seedbed.display.escape import printable
from seedbed.display.formatters import percent

HEIGHT: Final = 260
KINDS: Final = ("label is right", "label is wrong")


def estimation_chart(entries: Sequence[Entry]) -> Drawing | None:
    """Return a dot for each entry of the matrices, and the line on which both are equal."""
    (entry,) = entries
    noise = noise_of(entry)
    if noise is None or noise.estimated_matrix is None or noise.matrix is None:
        return None
    data = inline(
        {"observed": "number", "estimated": "number", "what": "string", "entry": "string"},
        _rows(entry, noise),
    )
    x = alt.X("observed:Q", axis=percent_axis("observed probability", grid=False))
    y = alt.Y("estimated:Q", axis=percent_axis("estimated probability"))
    scale = alt.Scale(domain=list(KINDS), range=[COLORS[0], COLORS[1]])
    dots = (
        alt.Chart(data)
        .mark_circle(size=40, opacity=0.7)
        .encode(
            x=x,
            y=y,
            color=alt.Color("what:N", scale=scale, legend=alt.Legend(title=None, orient="top")),
            tooltip=[alt.Tooltip("entry:N", title="clean → noisy: observed, estimated")],
        )
    )
    ends = inline({"observed": "number", "estimated": "number"}, [(0.0, 0.0), (1.0, 1.0)])
    equal = alt.Chart(ends).mark_line(color=GRAY, strokeDash=[4, 3]).encode(x=x, y=y)
    error = noise.estimation_error.mean
    mean = "" if error is None else f" The mean absolute difference is {error:.4f}."
    title = heading(
        f"Estimated against observed transition matrix{of_one(entry)}",
        f"A dot for each entry of the matrices, mean over {runs_in_words(entries)}. Dashed: equal."
        f"{mean} {about(entries)}.",
    )
    return with_parameters(alt.layer(equal, dots).properties(height=HEIGHT, title=title))


def _rows(entry: Entry, noise: Noise) -> Iterator[tuple[Any, ...]]:
    estimated, observed = noise.estimated_matrix or (), noise.matrix or ()
    names = entry.header.class_names or list(map(str, range(len(observed))))
    for clean, (ours, theirs) in enumerate(zip(estimated, observed, strict=True)):
        for noisy, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            pair = printable(f"{names[clean]} → {names[noisy]}")
            words = f"{pair}: {percent(other)}, {percent(one)}"
            yield other, one, KINDS[clean != noisy], words
