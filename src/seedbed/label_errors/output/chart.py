"""The chart of promised against achieved false discovery rates, where the truth is known."""

import base64

import altair as alt

from seedbed.display.charts.parts import heading, layered, percent_axis
from seedbed.display.charts.style import COLORS, GRAY, Drawing
from seedbed.label_errors.truth import Truth
from seedbed.report.figures import Figure, draw

CENTIMETERS = 12.0
HEIGHT = 240


def fdr_chart(truth: Truth, fdr: float) -> Drawing | None:
    """Return the chart; ``None`` if nothing was found at any rate.

    Args:
        truth: An audit held against clean labels.
        fdr: The rate that was asked for, which is marked.
    """
    points = [
        {"promised": level.promised, "achieved": level.achieved}
        for level in truth.levels
        if level.promised is not None and level.achieved is not None
    ]
    if not points:
        return None
    most = max(max(point.values()) for point in points)
    scale = alt.Scale(domain=[0, most], nice=False)
    x = alt.X("promised:Q", axis=percent_axis("promised false discovery rate"), scale=scale)
    y = alt.Y("achieved:Q", axis=percent_axis("achieved"), scale=scale)
    ends = alt.InlineData(values=[{"promised": end, "achieved": end} for end in (0, most)])
    data = alt.InlineData(values=points)
    asked = alt.InlineData(values=[{"promised": fdr}])
    return layered(
        alt.Chart(ends).mark_line(color=GRAY, strokeDash=[4, 3], strokeWidth=1).encode(x=x, y=y),
        alt.Chart(asked).mark_rule(color=COLORS[1], strokeWidth=1.5).encode(x=x),
        alt.Chart(data)
        .mark_line(color=COLORS[0], point=alt.OverlayMarkDef(color=COLORS[0]))
        .encode(x=x, y=y),
        height=HEIGHT,
    ).properties(
        title=heading(
            f"Promised and achieved false discovery rate, {truth.split} split",
            "Dots: the fraction of finds whose label is right. Dashed: what is promised. Upright: "
            "the rate that was asked for.",
        )
    )


def as_address(drawing: Drawing) -> str:
    """Return a chart as the address of an image, which a page holds in itself."""
    contents = draw(Figure("fdr", "fdr", drawing, CENTIMETERS), "svg").contents
    return f"data:image/svg+xml;base64,{base64.b64encode(contents).decode()}"
