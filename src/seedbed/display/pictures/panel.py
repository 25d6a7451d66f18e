"""Images in rows, with captions: the panels of a paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from seedbed.display.charts.style import COLUMN_CENTIMETERS, PIXELS_PER_CENTIMETER
from seedbed.display.escape import printable
from seedbed.display.pictures.drawing import LEADING, MUTED, PADDING, SIZE, SMALL, Canvas, Pixels
from seedbed.display.typeface import in_lines, shortened_to, text_width

GAP: Final = 6.0
WIDEST_TILE: Final = 2.4 * PIXELS_PER_CENTIMETER
NARROWEST_TILE: Final = 1.15 * PIXELS_PER_CENTIMETER
_MOST_LINES: Final = 3
"""Of one line of a caption, where it does not fit into the width of its image."""


@dataclass(frozen=True, eq=False)
class Tile:
    """An image with its caption."""

    pixels: Pixels
    """H×W×1, H×W×3 or H×W×4 (with transparency), uint8."""
    caption: tuple[str, ...] = ()
    """Lines below it."""


@dataclass(frozen=True, eq=False)
class Row:
    """Images that belong together."""

    tiles: Sequence[Tile]
    title: str = ""


@dataclass(frozen=True, eq=False)
class Panel:
    """Rows of images, a :class:`~seedbed.display.pictures.drawing.Picture`."""

    title: str
    subtitle: str
    rows: Sequence[Row]
    of: str = ""
    columns: int = 0
    """In a line at most; by default as many as are wide enough."""
    whole: bool = False
    """Whether each image may be as wide as a column of a paper."""
    beside: bool = False
    """Whether the titles of rows stand beside their images."""

    def svg(self, centimeters: float, *, title: bool = True) -> str:
        """Return the panel as SVG; see :class:`~seedbed.display.pictures.drawing.Picture`."""
        canvas = Canvas(centimeters)
        if title:
            canvas.heading(self.title, self.subtitle)
        left = PADDING + (self._widest_title(canvas.width / 3) if self.beside else 0)
        inner = canvas.width - left - PADDING
        most = max(len(row.tiles) for row in self.rows)
        narrowest = NARROWEST_TILE / (2 if self.beside else 1)
        fits = max(int((inner + GAP) // (narrowest + GAP)), 1)
        columns = min(self.columns or most, fits, most)
        width = (inner - GAP * (columns - 1)) / columns
        widest = COLUMN_CENTIMETERS * PIXELS_PER_CENTIMETER if self.whole else WIDEST_TILE
        width = min(width, widest / (2 if self.beside else 1))
        for row in self.rows:
            if self.beside:
                name = shortened_to(printable(row.title), left - PADDING - GAP, SMALL)
                canvas.text(left - GAP, canvas.height + width / 2 + 3, name, anchor="end")
            else:
                _title(canvas, row)
            for start in range(0, len(row.tiles), columns):
                _line(canvas, row.tiles[start : start + columns], left, width)
            canvas.height -= GAP if self.beside else 0
        return canvas.svg()

    def _widest_title(self, most: float) -> float:
        return min(max(text_width(row.title, SMALL) for row in self.rows) + GAP, most)


def _title(canvas: Canvas, row: Row) -> None:
    if not row.title:
        return
    for line in in_lines(printable(row.title), canvas.width - 2 * PADDING, SIZE, 2):
        canvas.height += SIZE * LEADING
        canvas.text(PADDING, canvas.height - SIZE * 0.25, line, SIZE)
    canvas.height += 3


def _line(canvas: Canvas, tiles: Sequence[Tile], left: float, width: float) -> None:
    """Draw tiles beside each other, below what there is."""
    captions = [_caption(tile, width) for tile in tiles]
    heights = [width * tile.pixels.shape[0] / tile.pixels.shape[1] for tile in tiles]
    for place, (tile, lines, height) in enumerate(zip(tiles, captions, heights, strict=True)):
        x = left + place * (width + GAP)
        canvas.image(x, canvas.height, width, height, tile.pixels)
        for number, line in enumerate(lines, 1):
            y = canvas.height + max(heights) + number * SMALL * LEADING
            canvas.text(x, y, line, color=MUTED)
    canvas.height += max(heights) + max(map(len, captions)) * SMALL * LEADING + 1.4 * GAP


def _caption(tile: Tile, width: float) -> list[str]:
    return [
        line
        for text in tile.caption
        for line in in_lines(printable(text), width, SMALL, _MOST_LINES)
    ]
