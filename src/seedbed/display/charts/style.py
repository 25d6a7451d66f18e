"""How charts look: colors that color-blind readers can tell apart; formats for page and paper.

No color of text is set: a page sets it for light, dark and print.
"""

import re
import textwrap
from collections.abc import Mapping, Sequence
from itertools import cycle, product
from typing import Any, Final, Literal, NamedTuple

import altair as alt

from seedbed.display.typeface import FONT

Drawing = alt.LayerChart
"""What every chart is: layers on one pair of axes, so that its width can follow that of a page."""

COLORS: Final = (
    "#1f6fb5",
    "#dd6b1f",
    "#1fb37f",
    "#973976",
    "#757fee",
    "#606116",
    "#996c68",
    "#bb92cc",
)
"""Contrast 2.6 or more with white and with a dark page. Seen without red, green or blue cones, any
two are at least 0.07 apart in OKLab (with Machado's simulation of 2009)."""

DASHES: Final[tuple[tuple[int, ...], ...]] = (
    (),
    (6, 3),
    (2, 2),
    (8, 3, 2, 3),
    (12, 4),
)
"""When the colors have been used up, they come again with the next of these."""

ERRORS: Final = ("#f1f4f8", "#c3d7ea", "#7fb0d6", "#2f7bb8", "#08306b")
"""From none to many; also when printed in gray."""

GRAY: Final = "#808080"
"""Of lines that are no data; seen on white and on a dark page."""

MOST_IN_LEGEND: Final = 8

COLUMN_CENTIMETERS: Final = 8.5
"""Width of one column of a paper."""

PIXELS_PER_CENTIMETER: Final = 96 / 2.54
"""What SVG and CSS say."""


_KEPT: Final = re.compile(r"(?<=±) (?=\d)|(?<=n) (?==)|(?<==) (?=\d)")
"""Spaces at which no line is broken."""


class Look(NamedTuple):
    """How the lines of one configuration look."""

    color: str
    dash: tuple[int, ...]


def every_look() -> list[Look]:
    """Return all looks, those that are told apart best first."""
    return [Look(color, dash) for dash, color in product(DASHES, COLORS)]


def looks(labels: Sequence[str]) -> dict[str, Look]:
    """Return the look of each configuration, by its place in the study."""
    return dict(zip(labels, cycle(every_look()), strict=False))


def for_page(chart: Drawing) -> dict[str, Any]:
    """Return the Vega-Lite specification for a page: as wide as the element that it is put into.

    Its title is in ``title``, as ``text`` and ``subtitle``, for a page that says it in HTML.
    """
    return _specification(chart, "container", _config(12))


def for_paper(
    chart: Drawing, centimeters: float = COLUMN_CENTIMETERS, *, title: bool = True
) -> dict[str, Any]:
    """Return the Vega-Lite specification of a figure, in 7 point type.

    Args:
        chart: One of the catalog's.
        centimeters: Of the whole figure, axes included.
        title: Whether title and subtitle stand above it.

    """
    width = round(centimeters * PIXELS_PER_CENTIMETER)
    spec = _specification(chart, width, {"font": FONT, **_config(28 / 3)})
    shown = spec.pop("title", None)
    if title:
        spec["title"] = _wrapped(shown, width)
    spec["background"] = "white"
    # Paper has no pointer: drop the layers that wait for one.
    spec["layer"] = [layer for layer in spec["layer"] if not _waits_for_pointer(layer)]
    spec["params"] = [
        {"name": parameter["name"], "value": {}} if "select" in parameter else parameter
        for parameter in spec.get("params", ())
    ]
    return spec


def _waits_for_pointer(layer: Mapping[str, Any]) -> bool:
    return bool(layer["encoding"].get("opacity", {}).get("value") == 0)


def _specification(
    chart: Drawing, width: int | Literal["container"], config: Mapping[str, Any]
) -> dict[str, Any]:
    spec: dict[str, Any] = chart.to_dict(validate=False)
    spec["width"] = width
    spec["autosize"] = {"type": "fit-x", "contains": "padding"}
    spec["config"] = dict(config)
    return spec


def _wrapped(title: Any, width: int) -> Any:
    """Return a title whose lines fit; Vega does not break them."""
    if not isinstance(title, dict):
        return title
    lines = {"text": int(width / 5.6), "subtitle": int(width / 4.7)}
    return title | {
        key: textwrap.wrap(
            _KEPT.sub("\N{NO-BREAK SPACE}", title[key]), length, break_on_hyphens=False
        )
        for key, length in lines.items()
        if title.get(key)
    }


def _config(size: float) -> dict[str, Any]:
    """Return Vega-Lite's settings around a size of type, in pixels."""
    small = round(size * 0.93, 2)
    line = f"{GRAY}99"
    return {
        "padding": 4,
        "view": {"stroke": None},
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "fontSize": round(size * 1.15, 2),
            "subtitleFontSize": small,
            "subtitlePadding": 3,
            "offset": 8,
        },
        "axis": {
            "labelFontSize": small,
            "titleFontSize": size,
            "titleFontWeight": "normal",
            "titlePadding": 7,
            "labelLimit": round(size * 14),
            "gridColor": f"{GRAY}30",
            "domainColor": line,
            "tickColor": line,
            "tickSize": 4,
            "labelFlush": False,
        },
        "legend": {
            "labelFontSize": small,
            "titleFontSize": small,
            "titleFontWeight": "normal",
            "labelLimit": round(size * 26),
            "rowPadding": 1,
            "columnPadding": 8,
            "titleLimit": round(size * 30),
            "symbolSize": 60,
            "symbolOpacity": 1,
            "symbolStrokeWidth": 2,
            "offset": 6,
            "layout": {"bottom": {"direction": "vertical", "anchor": "start", "margin": 4}},
        },
        "text": {"fontSize": small},
    }
