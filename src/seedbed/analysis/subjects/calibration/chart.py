"""The reliability diagram: accuracy against confidence."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

import altair as alt

from seedbed.analysis.chart_captions import about, of_one, runs_in_words
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.calibration.result import Bins, CalibrationOfRuns
from seedbed.display.charts.inline import Columns, csv_text, filled, inline, named
from seedbed.display.charts.parts import heading, layered, percent_axis
from seedbed.display.charts.style import COLORS, GRAY, Drawing
from seedbed.display.formatters import percent, percent_spread, spread

HEIGHT: Final = 220
FEW: Final = 20
"""A bin with fewer images is fainter: its accuracy is uncertain."""
OVER: Final = "overconfident"
UNDER: Final = "underconfident"


COLUMNS: Final[Columns] = {
    **dict.fromkeys(("confidence", "accuracy", "images", "share"), "number"),
    **dict.fromkeys(("bin", "mean", "correct", "side"), "string"),
}
DIAGONAL: Final[Columns] = {"confidence": "number", "accuracy": "number"}


def chart(entries: Sequence[Entry]) -> Drawing | None:
    """Return accuracy against confidence, a circle for each bin, as large as it has images."""
    (entry,) = entries
    result = entry.view(CalibrationOfRuns)
    if not result:
        return None
    ece, brier = result.calibration.aggregates(entry.header.n)
    bins = result.calibration.bins
    title = heading(
        f"Calibration{of_one(entry)}",
        f"Expected calibration error {percent_spread(ece)} ({len(bins.images)} bins), Brier score "
        f"{spread(brier)}, {runs_in_words(entries)}. Faint: fewer than {FEW} images. "
        f"{about(entries)}.",
    )
    return filled(_frame(), title, {"bins": csv_text(COLUMNS, _rows(bins))}, {})


def _rows(bins: Bins) -> Iterator[tuple[Any, ...]]:
    total = sum(bins.images)
    columns = (bins.lower, bins.upper, bins.images, bins.confidence, bins.accuracy)
    for low, high, images, confidence, accuracy in zip(*columns, strict=True):
        if confidence is not None and accuracy is not None:
            yield (
                confidence,
                accuracy,
                images,
                images / total,
                f"{percent(low, 0)} to {percent(high, 0)}",
                percent(confidence),
                percent(accuracy),
                OVER if confidence > accuracy else UNDER,
            )


@cache
def _frame() -> Drawing:
    whole = alt.Scale(domain=[0, 1], nice=False)
    x = alt.X("confidence:Q", scale=whole, axis=percent_axis("confidence"))
    y = alt.Y("accuracy:Q", scale=whole, axis=percent_axis("accuracy"))
    side = alt.Color(
        "side:N",
        scale=alt.Scale(domain=[OVER, UNDER], range=[COLORS[1], COLORS[0]]),
        legend=alt.Legend(title=None, orient="bottom", symbolType="circle", offset=4),
    )
    tooltip = [
        alt.Tooltip("bin:N", title="confidence bin"),
        alt.Tooltip("mean:N", title="mean confidence"),
        alt.Tooltip("correct:N", title="accuracy"),
        alt.Tooltip("images:Q", title="images, all runs", format=","),
        alt.Tooltip("share:Q", title="share of all images", format=".2%"),
    ]
    of_bins = alt.Chart(named("bins", COLUMNS))
    perfect = (
        alt.Chart(inline(DIAGONAL, [(0, 0), (1, 1)]))
        .mark_line(color=GRAY, strokeDash=[3, 3], strokeWidth=1)
        .encode(x=x, y=y)
    )
    few = alt.when(f"datum.images < {FEW}")
    faint = alt.OpacityValue(**few.then(alt.value(0.3)).otherwise(alt.value(0.85)))
    gap = of_bins.mark_rule(strokeWidth=1.5).encode(
        x=x, y=y, y2=alt.Y2("confidence:Q"), color=side, opacity=faint, tooltip=tooltip
    )
    circles = of_bins.mark_circle().encode(
        opacity=faint,
        x=x,
        y=y,
        color=side,
        size=alt.Size(
            "share:Q",
            scale=alt.Scale(domain=[0, 1], range=[12, 320]),
            legend=alt.Legend(
                title="share of images (%)",
                orient="bottom",
                values=[0.01, 0.1, 0.5],
                labelExpr="format(datum.value * 100, '~g')",
                symbolFillColor=GRAY,
                symbolStrokeColor=GRAY,
                offset=4,
            ),
        ),
        tooltip=tooltip,
    )
    return layered(perfect, gap, circles, height=HEIGHT)
