"""Charts as figures of a document: the title stands in the caption and not in the picture."""

from typing import Final

from seedbed.analysis.base import ChartView
from seedbed.display.charts.style import Drawing, for_paper
from seedbed.report.documents.model import Call, Figure
from seedbed.report.figures import Figure as Chart
from seedbed.report.figures import draw
from seedbed.report.renderers.latex import slug

CENTIMETERS: Final = 7.8
"""Width of a figure, two of which stand beside each other."""
HIGH: Final = 200
LOWER: Final = 0.78
"""Charts with more pixels than this are less high than on a page, so that pages of a document can
be filled."""


def chart_figure(
    name: str,
    view: ChartView,
    drawing: Drawing,
    taken: set[str],
    configuration: str | None = None,
) -> Figure:
    """Return a chart as a figure.

    Args:
        name: Of the chart.
        view: Its description.
        drawing: The chart.
        taken: Names of files, to which that of the figure is added.
        configuration: The label of the only configuration that it shows.
    """
    specification = for_paper(drawing, CENTIMETERS)
    if specification["height"] > HIGH:
        specification["height"] *= LOWER
    title = drawing.to_dict(validate=False).get("title") or {}
    specification.pop("title", None)
    stem = _unlike(slug(name if configuration is None else f"{name}-{configuration}"), taken)
    options = {} if configuration is None else {"configuration": configuration}

    def drawn(form: str) -> bytes:
        return draw(Chart(stem, name, specification), form).contents

    return Figure(
        Call("chart", (name,), options),
        stem,
        str(title.get("text", view.title)),
        str(title.get("subtitle", "")),
        view.description,
        drawn,
        CENTIMETERS,
    )


def _unlike(name: str, taken: set[str]) -> str:
    """Return a name, numbered where it is taken, and remember it."""
    made, number = name, 1
    while made in taken:
        number += 1
        made = f"{name}-{number}"
    taken.add(made)
    return made
