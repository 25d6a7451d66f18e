"""A chart that a notebook shows as it is drawn here: no script, no network, in every front end."""

import hashlib
import re
from typing import Any, Final

import altair as alt

from seedbed.display.charts.style import for_paper
from seedbed.report.figures import Figure, draw

CENTIMETERS: Final = 12.0
"""Width at which charts are drawn."""
WIDTH: Final = 640
"""Pixels at which they are shown: the small type of papers is hard to read on a screen."""

_SIZE: Final = re.compile(r'\b(width|height)="([\d.]+)mm"')
_ID: Final = re.compile(r'(\bid="|url\(#|href="#)')


class NotebookChart(alt.LayerChart):
    """An Altair chart that shows itself as SVG, unless another renderer has been enabled."""

    def _repr_mimebundle_(self, *args: Any, **options: Any) -> Any:
        if alt.renderers.active != "default":
            return super()._repr_mimebundle_(*args, **options)
        return {"image/svg+xml": self.svg(), "text/plain": self._in_words()}

    def svg(self) -> str:
        """Return the chart as SVG with its fonts, whose ids no other chart of a page has."""
        specification = for_paper(self, CENTIMETERS)
        drawn = draw(Figure("chart", "chart", specification), "svg").contents.decode()
        head, bracket, rest = drawn.partition(">")
        scale = WIDTH / (CENTIMETERS * 10)
        sized = _SIZE.sub(lambda of: f'{of[1]}="{float(of[2]) * scale:.4g}"', head)
        own = hashlib.sha256(drawn.encode()).hexdigest()[:8]
        return _ID.sub(rf"\g<1>{own}-", sized + bracket + rest)

    def _in_words(self) -> str:
        title = self.to_dict(validate=False).get("title") or {}
        return ". ".join(str(title[key]) for key in ("text", "subtitle") if title.get(key))


def shown(chart: alt.LayerChart) -> NotebookChart:
    """Return a chart that shows itself."""
    copied = chart.copy(deep=False)
    object.__setattr__(copied, "__class__", NotebookChart)  # Altair keeps attributes as settings
    assert isinstance(copied, NotebookChart)
    return copied
