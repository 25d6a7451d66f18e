"""What a page is made of: sections, and the charts and tables in them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from seedbed.analysis.entry import Entry
from seedbed.display.charts.style import for_page
from seedbed.display.table import Report
from seedbed.report.charts.catalog import CHARTS
from seedbed.report.page.html_table import HtmlReport, html_report

USUAL_HEIGHT: Final = 240
"""Pixels kept free for a chart that does not say how high it will be."""
WIDEST_LABEL: Final = 340
"""Pixels of the name of a row, where a chart is wide."""
_WIDE: Final = "containerSize()[0] > 600"

Contents = Callable[[Sequence[Entry]], Report]


@dataclass(frozen=True)
class PageChart:
    """A chart of the page."""

    name: str
    title: str
    subtitle: str
    description: str
    height: int
    specs: dict[str, dict[str, Any]]
    """One, under ``"all"``; or one for each configuration, under its place."""
    zooms: bool
    """Whether the page may set the parameter ``zoom``."""


@dataclass(frozen=True)
class Block:
    """A part of a section with a heading, its sentences, charts and tables."""

    id: str
    title: str
    text: tuple[str, ...] = ()
    drawings: tuple[PageChart, ...] = ()
    """Beside each other where there is room."""
    reports: tuple[HtmlReport, ...] = ()
    collapse: str | None = None
    """What its tables are called where they are long, and folded up then."""
    filled: bool = False
    """Whether a script fills it, with pictures."""


@dataclass(frozen=True)
class Section:
    """A part of the page with a heading of its own."""

    id: str
    title: str
    intro: str = ""
    template: str = "plain"
    reports: tuple[HtmlReport, ...] = ()
    drawings: tuple[PageChart, ...] = ()
    singly: tuple[PageChart, ...] = ()
    """Charts of one configuration at a time, which is chosen beside them."""
    parts: tuple[tuple[str, str], ...] = ()
    """Id and title of what is in it and has an entry of its own in the contents."""
    blocks: tuple[Block, ...] = ()
    """Of the template ``blocks``, which shows nothing else."""
    collapse: str | None = None
    """What its tables are called where they are long, and folded up then."""


def made(entries: Sequence[Entry], contents: Contents) -> tuple[HtmlReport, ...]:
    """Return the tables about one subject."""
    return (html_report(contents(entries)),)


def drawn(entries: Sequence[Entry], *names: str) -> tuple[PageChart, ...]:
    """Return the charts of these names that apply, as the page takes them."""
    return tuple(chart for name in names if name in CHARTS and (chart := _chart(entries, name)))


def _chart(entries: Sequence[Entry], name: str) -> PageChart | None:
    chart = CHARTS[name]
    if chart.per_configuration:
        drawings = {str(place): chart.draw([each]) for place, each in enumerate(entries)}
    else:
        drawings = {"all": chart.draw(entries)}
    specs = {key: for_page(drawing) for key, drawing in drawings.items() if drawing is not None}
    if not specs:
        return None
    for spec in specs.values():
        said = spec.pop("title", None) or {}
        spec["usermeta"] = {"title": chart.title, "subtitle": said.get("subtitle", "")}
        if not chart.per_configuration:
            spec["usermeta"]["title"] = said.get("text", chart.title)
        _make_room_for_labels(spec)
    first = next(iter(specs.values()))
    return PageChart(
        name,
        **first["usermeta"],
        description=chart.description,
        height=_height(first),
        specs=specs,
        zooms=any(each["name"] == "zoom" for each in first.get("params", ())),
    )


def _make_room_for_labels(spec: dict[str, Any]) -> None:
    """Let the rows of a chart have their whole names where the page is wide enough."""
    for part in (spec, *spec.get("layer", ())):
        axis = part.get("encoding", {}).get("y", {}).get("axis") or {}
        if "labelExpr" in axis and axis.get("domain") is False:
            narrow = axis.get("labelLimit", spec["config"]["axis"]["labelLimit"])
            axis["labelLimit"] = {"expr": f"{_WIDE} ? {WIDEST_LABEL} : {narrow}"}
            if "datum.label" in axis["labelExpr"]:
                axis["labelExpr"] = f"{_WIDE} ? datum.label : {axis['labelExpr']}"


def _height(spec: dict[str, Any]) -> int:
    height = spec.get("height")
    return int(height) if isinstance(height, int | float) else USUAL_HEIGHT
