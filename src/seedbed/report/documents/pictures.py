"""Charts and pictures as figures of a document: titles stand in captions."""

from typing import Final
from xml.etree import ElementTree

from seedbed.analysis.base import ChartView, PictureView
from seedbed.display.charts.style import Drawing
from seedbed.display.pictures.drawing import Picture
from seedbed.report.documents.model import Call, Figure
from seedbed.report.figures import Figure as Drawable
from seedbed.report.figures import draw
from seedbed.report.renderers.latex import slug

HALF: Final = 7.8
"""Width of a chart in centimeters, two of which stand beside each other."""
TALLEST: Final = 780
"""Pixels that rows with long labels may take."""
WHOLE: Final = 14.0
"""Width of a chart with long labels."""
WIDTHS: Final = (15.5, 12.5, 10.0, 8.0, 6.5)
"""Of a picture: the first in which it is not too high, or that in which it is lowest."""
HIGHEST: Final = 8.5
"""Height of a picture in centimeters."""
HIGH: Final = 200
LOWER: Final = 0.78
"""Charts with more pixels than this are less high than on a page, so that pages of a document can
be filled."""


class Names:
    """Names of the files of figures, and of tables: ASCII, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, text: str) -> str:
        """Return a name, and remember it."""
        name, number = slug(text), 1
        while name in self._taken:
            number += 1
            name = f"{slug(text)}-{number}"
        self._taken.add(name)
        return name


def chart_figure(
    name: str,
    view: ChartView,
    drawing: Drawing,
    names: Names,
    shown: str | tuple[str, ...] | None = None,
    group: str = "",
) -> Figure:
    """Return a chart as a figure.

    Args:
        name: Of the chart.
        view: Its description.
        drawing: The chart.
        names: Of files, to which that of the figure is added.
        shown: The label of the only configuration that it shows, or those of several.
        group: What these several are called.
    """
    data = drawing.to_dict(validate=False)
    title = data.get("title") or {}
    width, height = (WHOLE if view.wide else HALF), data["height"]
    if height > HIGH:
        lower = min(height, TALLEST) if view.wide else round(LOWER * height)
        drawing = drawing.properties(height=lower)
    of = group or (shown if isinstance(shown, str) else "")
    return Figure(
        Call("chart", (name,) if shown is None else (name, shown)),
        names.of(f"{name}-{of}" if of else name),
        str(title.get("text", view.title)) + (f": {group}" if group else ""),
        str(title.get("subtitle", "")),
        view.description,
        lambda form: draw(Drawable(name, name, drawing, width, title=False), form).contents,
        width,
    )


def picture_figure(name: str, view: PictureView, picture: Picture, names: Names) -> Figure:
    """Return a picture as a figure.

    Args:
        name: Of the picture.
        view: Its description.
        picture: The picture.
        names: Of files, to which that of the figure is added.
    """
    heights: dict[float, float] = {}
    for width in WIDTHS:
        heights[width] = _height(picture, width)
        if heights[width] <= HIGHEST:
            break
    centimeters = min(heights, key=heights.__getitem__)
    return Figure(
        Call("picture", (name,), {"of": picture.of} if picture.of else {}),
        names.of(f"{name}-{picture.of}" if picture.of else name),
        picture.title,
        picture.subtitle,
        view.description,
        lambda form: draw(Drawable(name, name, picture, centimeters, title=False), form).contents,
        centimeters,
    )


def _height(picture: Picture, centimeters: float) -> float:
    """Return how high a picture of this width is, in centimeters."""
    size = ElementTree.fromstring(picture.svg(centimeters, title=False)).attrib  # noqa: S314 - ours
    return centimeters * float(size["height"]) / float(size["width"])
