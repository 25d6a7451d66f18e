"""Whether a probability of 90 % means right in 90 % of the cases: the reliability diagram."""

from collections.abc import Sequence
from functools import cache
from typing import Final

import altair as alt

from seedbed.analysis.entry import Entry
from seedbed.display.charts.inline import Columns, csv_text, filled, inline, named
from seedbed.display.charts.style import COLORS, GRAY, Drawing
from seedbed.display.formatters import percent, percent_spread, spread
from seedbed.report.charts.parts import (
    about,
    heading,
    layered,
    of_one,
    percent_axis,
    runs_in_words,
)

HEIGHT: Final = 240
FEW: Final = 20
"""A bin of fewer images is fainter: it says little."""
OVER: Final = "over-confident"
UNDER: Final = "under-confident"


COLUMNS: Final[Columns] = {
    **dict.fromkeys(("confidence", "accuracy", "images", "share"), "number"),
    **dict.fromkeys(("bin", "said", "right", "side"), "string"),
}
DIAGONAL: Final[Columns] = {"confidence": "number", "accuracy": "number"}


def calibration(entries: Sequence[Entry]) -> Drawing | None:
    """Return accuracy against confidence, a circle for each bin, as large as it has images."""
    (entry,) = entries
    found = entry["calibration"]
    if not found:
        return None
    bins = found["bins"]
    total = sum(bins["images"])
    rows = [
        (
            confidence,
            accuracy,
            images,
            images / total,
            f"{percent(low, 0)} to {percent(high, 0)}",
            percent(confidence),
            percent(accuracy),
            OVER if confidence > accuracy else UNDER,
        )
        for low, high, images, confidence, accuracy in zip(
            *(bins[key] for key in ("lower", "upper", "images", "confidence", "accuracy")),
            strict=True,
        )
        if images
    ]
    ece = {"mean": found["ece"], "std": found["ece_std"]}
    brier = {"mean": found["brier"], "std": found["brier_std"]}
    title = heading(
        f"Calibration{of_one(entry)}",
        f"Expected calibration error {percent_spread(ece)} ({len(bins['images'])} bins), "
        f"Brier score {spread(brier)}, {runs_in_words(entries)}. "
        f"Faint: fewer than {FEW} images. {about(entries)}.",
    )
    return filled(_frame(), title, {"bins": csv_text(COLUMNS, rows)}, {})


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
        alt.Tooltip("said:N", title="mean confidence"),
        alt.Tooltip("right:N", title="accuracy"),
        alt.Tooltip("images:Q", title="images, all runs", format=","),
        alt.Tooltip("share:Q", title="share of all images", format=".2%"),
    ]
    of_bins = alt.Chart(named("bins", COLUMNS))
    perfect = (
        alt.Chart(inline(DIAGONAL, [(0, 0), (1, 1)]))
        .mark_line(color=GRAY, strokeDash=[3, 3], strokeWidth=1)
        .encode(x=x, y=y)
    )
    faint = alt.when(f"datum.images < {FEW}").then(alt.value(0.3)).otherwise(alt.value(0.85))
    gap = of_bins.mark_rule(strokeWidth=1.5).encode(
        x=x, y=y, y2="confidence:Q", color=side, opacity=faint, tooltip=tooltip
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
