"""Charts as a page takes them: a specification for each, and its texts for HTML."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from seedbed.analysis.base import ChartView
from seedbed.analysis.entry import Entry
from seedbed.display.charts.style import for_page

USUAL_HEIGHT: Final = 240
"""Pixels kept free for a chart that does not say how high it will be."""
WIDEST_LABEL: Final = 340
"""Pixels of the name of a row, where a chart is wide."""
_WIDE: Final = "containerSize()[0] > 600"


@dataclass(frozen=True)
class PageChart:
    """A chart of the page."""

    name: str
    title: str
    subtitle: str
    description: str
    height: int
    specs: Mapping[str, dict[str, Any]]
    """One, under ``"all"``; or one for each configuration, under its place."""
    zooms: bool
    """Whether the page may set the parameter ``zoom``."""


def page_chart(name: str, chart: ChartView, entries: Sequence[Entry]) -> PageChart | None:
    """Return a chart of the page; ``None`` where there is nothing to draw."""
    if chart.per_configuration:
        drawings = {str(place): chart.draw([entry]) for place, entry in enumerate(entries)}
    else:
        drawings = {"all": chart.draw(entries)}
    specs = {key: for_page(drawing) for key, drawing in drawings.items() if drawing is not None}
    if not specs:
        return None
    for spec in specs.values():
        title = spec.pop("title", None) or {}
        spec["usermeta"] = {"title": chart.title, "subtitle": title.get("subtitle", "")}
        if not chart.per_configuration:
            spec["usermeta"]["title"] = title.get("text", chart.title)
        _make_room_for_labels(spec)
    first = next(iter(specs.values()))
    return PageChart(
        name,
        **first["usermeta"],
        description=chart.description,
        height=_height(first),
        specs=specs,
        zooms=any(parameter["name"] == "zoom" for parameter in first.get("params", ())),
    )


def height_style(charts: Iterable[PageChart]) -> Markup:
    """Return the CSS rules that keep room for charts: ``.height-240`` and so on."""
    rule = Markup(".height-{0} {{ --height: {0}px; }}")
    heights = sorted({chart.height for chart in charts})
    return Markup("\n").join(rule.format(height) for height in heights)


def _make_room_for_labels(spec: dict[str, Any]) -> None:
    """Let the rows of a chart have their whole names where the page is wide enough."""
    for part in (spec, *spec.get("layer", ())):
        axis = part.get("encoding", {}).get("y", {}).get("axis") or {}
        if "labelExpr" in axis and axis.get("domain") is False:
            narrow = axis.get("labelLimit", spec["config"]["axis"]["labelLimit"])
            axis["labelLimit"] = {"expr": f"{_WIDE} ? {WIDEST_LABEL} : {narrow}"}
            if "datum.label" in axis["labelExpr"]:
                axis["labelExpr"] = f"{_WIDE} ? datum.label : {axis['labelExpr']}"


def _height(spec: Mapping[str, Any]) -> int:
    height = spec.get("height")
    return int(height) if isinstance(height, int | float) else USUAL_HEIGHT
