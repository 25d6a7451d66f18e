"""Charts and pictures as figures of a document: titles stand in captions."""

from typing import Final

from seedbed.analysis.base import ChartView, PictureView
from seedbed.display.charts.style import Drawing
from seedbed.display.pictures.drawing import Picture
from seedbed.report.documents.model import Call, Figure
from seedbed.report.figures import Figure as Drawable
from seedbed.report.figures import draw
from seedbed.report.renderers.latex import slug

HALF: Final = 7.8
"""Width of a chart in centimeters, two of which stand beside each other."""
WHOLE: Final = 15.5
"""Width of a picture."""
HIGH: Final = 200
LOWER: Final = 0.78
"""Charts with more pixels than this are less high than on a page, so that pages of a document can
be filled."""


class Names:
    """Names of the files of figures: ASCII, each once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, text: str) -> str:
        """Return a name for a file, and remember it."""
        name, number = slug(text), 1
        while name in self._taken:
            number += 1
            name = f"{slug(text)}-{number}"
        self._taken.add(name)
        return name


def chart_figure(
    name: str, view: ChartView, drawing: Drawing, names: Names, configuration: str | None = None
) -> Figure:
    """Return a chart as a figure.

    Args:
        name: Of the chart.
        view: Its description.
        drawing: The chart.
        names: Of files, to which that of the figure is added.
        configuration: The label of the only configuration that it shows.
    """
    data = drawing.to_dict(validate=False)
    title = data.get("title") or {}
    if data["height"] > HIGH:
        drawing = drawing.properties(height=round(LOWER * data["height"]))
    return Figure(
        Call("chart", (name,), {} if configuration is None else {"configuration": configuration}),
        names.of(name if configuration is None else f"{name}-{configuration}"),
        str(title.get("text", view.title)),
        str(title.get("subtitle", "")),
        view.description,
        lambda form: draw(Drawable(name, name, drawing, HALF, title=False), form).contents,
        HALF,
    )


def picture_figure(name: str, view: PictureView, picture: Picture, names: Names) -> Figure:
    """Return a picture as a figure.

    Args:
        name: Of the picture.
        view: Its description.
        picture: The picture.
        names: Of files, to which that of the figure is added.
    """
    return Figure(
        Call("picture", (name,), {"of": picture.of} if picture.of else {}),
        names.of(f"{name}-{picture.of}" if picture.of else name),
        picture.title,
        picture.subtitle,
        view.description,
        lambda form: draw(Drawable(name, name, picture, WHOLE, title=False), form).contents,
        WHOLE,
    )
