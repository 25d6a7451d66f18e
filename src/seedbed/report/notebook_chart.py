"""Charts and pictures that a notebook shows as they are drawn here.

They need no script and no network, so every front end shows them, and so does exported HTML.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Final

import altair as alt

from seedbed.display.charts.style import Drawing
from seedbed.display.pictures.drawing import Picture
from seedbed.report.figures import Figure, draw

CENTIMETERS: Final = 12.0
"""Width at which they are drawn."""
WIDTH: Final = 640
"""Pixels at which they are shown: the small type of papers is hard to read on a screen."""

_SIZE: Final = re.compile(r'\b(width|height)="([\d.]+)mm"')
_ID: Final = re.compile(r'(\bid="|url\(#|href="#)([^")]+)')


class NotebookChart(alt.LayerChart):
    """An Altair chart that shows itself as SVG, unless another renderer has been enabled."""

    def _repr_mimebundle_(self, *args: Any, **options: Any) -> Any:
        if alt.renderers.active != "default":
            return super()._repr_mimebundle_(*args, **options)
        return self.bundle()

    def bundle(self) -> dict[str, str]:
        """Return the chart by media types: as SVG, and in words."""
        title = self.to_dict(validate=False).get("title") or {}
        return _bundle(self, str(title.get("text", "")), str(title.get("subtitle", "")))


@dataclass(frozen=True, eq=False)
class NotebookPicture:
    """A picture that shows itself as SVG."""

    picture: Picture

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return self.bundle()

    def bundle(self) -> dict[str, str]:
        """Return the picture by media types: as SVG, and in words."""
        return _bundle(self.picture, self.picture.title, self.picture.subtitle)


def shown(chart: Drawing) -> NotebookChart:
    """Return a chart that shows itself."""
    copied = chart.copy(deep=False)
    object.__setattr__(copied, "__class__", NotebookChart)  # Altair keeps attributes as settings
    assert isinstance(copied, NotebookChart)
    return copied


def svg(content: Drawing | Picture) -> str:
    """Return a chart or picture as SVG with its fonts, whose ids nothing else in a page has."""
    figure = Figure("chart", "chart", content, CENTIMETERS)
    drawn = _numbered(draw(figure, "svg").contents.decode())
    head, bracket, rest = drawn.partition(">")
    scale = WIDTH / (CENTIMETERS * 10)
    sized = _SIZE.sub(lambda of: f'{of[1]}="{float(of[2]) * scale:.4g}"', head)
    own = hashlib.sha256(drawn.encode()).hexdigest()[:8]
    return _ID.sub(rf"\g<1>{own}-\g<2>", sized + bracket + rest)


def _numbered(drawn: str) -> str:
    """Number the ids of a drawing: Vega's counter goes on from whatever the process drew before."""
    numbers: dict[str, int] = {}
    return _ID.sub(lambda of: f"{of[1]}{numbers.setdefault(of[2], len(numbers))}", drawn)


def _bundle(content: Drawing | Picture, *words: str) -> dict[str, str]:
    return {"image/svg+xml": svg(content), "text/plain": ". ".join(filter(None, words))}
