"""Charts as a page takes them: a specification for each, and its texts for HTML."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from seedbed.analysis.base import ChartView
from seedbed.analysis.entry import Entry
from seedbed.display.charts.style import Drawing, for_page
from seedbed.report.page.short_labels import ShortLabels

TALLEST: Final = 640
"""Pixels of a chart that stands open; of a higher one only the title is shown at first."""
USUAL_HEIGHT: Final = 240
"""Pixels kept free for a chart that does not say how high it will be."""
WIDEST_LABEL: Final = 340
"""Pixels of the name of a row, where a chart is wide."""
_WIDE: Final = "containerSize()[0] > 600"
TWO_COLUMNS: Final = 320
"""Pixels of a chart from which on its legend can have two columns."""


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

    @property
    def tall(self) -> bool:
        """Whether it is folded up: a row for each of many configurations."""
        return self.height > TALLEST


def page_charts(
    name: str, chart: ChartView, entries: Sequence[Entry], short: ShortLabels
) -> Iterator[PageChart]:
    """Yield a chart as the page takes it: none where there is nothing to draw, or one of each.

    Args:
        name: In the registry.
        chart: The chart.
        entries: In the order of the page.
        short: How configurations are called.
    """
    drawn: dict[str, dict[str, Drawing]] = {}
    groups = [[entry] for entry in entries] if chart.per_configuration else [list(entries)]
    for place, group in enumerate(groups):
        for of, drawing in chart.drawings(group):
            key = str(place) if chart.per_configuration else "all"
            drawn.setdefault(of, {})[key] = drawing
    for of, drawings in drawn.items():
        specs = {key: short.spec(for_page(drawing)) for key, drawing in drawings.items()}
        yield _page_chart("-".join([name, *of.split()]), chart, specs)


def _page_chart(name: str, chart: ChartView, specs: Mapping[str, dict[str, Any]]) -> PageChart:
    for spec in specs.values():
        title = spec.pop("title", None) or {}
        spec["usermeta"] = {"title": chart.title, "subtitle": title.get("subtitle", "")}
        if not chart.per_configuration:
            spec["usermeta"]["title"] = title.get("text", chart.title)
        _make_room_for_labels(spec)
        _fit_legends(spec)
    first = next(iter(specs.values()))
    return PageChart(
        name,
        **first["usermeta"],
        description=chart.description,
        height=_height(first),
        specs=specs,
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


def _fit_legends(spec: dict[str, Any]) -> None:
    """Let legends of two columns have one where a chart is narrow, or labels of rows make it so."""
    axes = [part.get("encoding", {}).get("y", {}).get("axis") for part in spec.get("layer", ())]
    rows = any(axis and "labelExpr" in axis and axis.get("domain") is False for axis in axes)
    least = TWO_COLUMNS + (WIDEST_LABEL // 2 if rows else 0)
    for part in (spec, *spec.get("layer", ())):
        for channel in part.get("encoding", {}).values():
            legend = channel.get("legend") if isinstance(channel, dict) else None
            if legend and legend.get("columns") == 2:
                legend["columns"] = {"expr": f"containerSize()[0] > {least} ? 2 : 1"}


def _height(spec: Mapping[str, Any]) -> int:
    height = spec.get("height")
    return int(height) if isinstance(height, int | float) else USUAL_HEIGHT
