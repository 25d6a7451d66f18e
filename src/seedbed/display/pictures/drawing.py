"""What pictures are drawn with: an SVG of a fixed width that becomes as high as it must be."""

import base64
import re
import zlib
from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seedbed.display.charts.style import PIXELS_PER_CENTIMETER
from seedbed.display.escape import printable
from seedbed.display.typeface import FONT, in_lines

SIZE: Final = 28 / 3
"""Of the type in pixels, 7 points: that of charts."""
SMALL: Final = 8.0
LEADING: Final = 1.22
"""From one line to the next, in sizes."""
INK: Final = "#1a1a1a"
MUTED: Final = "#55606a"
PADDING: Final = 4.0
_SHARP: Final = 220
"""Pixels that the shorter side of an enlarged image has at least, so that no viewer blurs it."""
_COLORS: Final = 250
"""Gray levels from which on an image is taken for a photograph."""
_LARGEST: Final = 240
"""Pixels of its longer side, enough for two centimeters of a paper."""
_SIZES: Final = re.compile(r'<svg [^>]*width="([\d.]+)" height="([\d.]+)"')
_MOST_TITLE_LINES: Final = 8

Pixels = NDArray[np.uint8]


class Picture(Protocol):
    """A picture that is no chart, ready to be drawn."""

    @property
    def of(self) -> str:
        """The configuration or network that it is of; empty where there is one alone."""

    @property
    def title(self) -> str:
        """What it shows."""

    @property
    def subtitle(self) -> str:
        """How to read it."""

    def svg(self, centimeters: float, *, title: bool = True) -> str:
        """Return it as SVG, in pixels of 1/96 inch.

        Args:
            centimeters: How wide it is, all included.
            title: Whether title and subtitle stand above it.
        """


class Canvas:
    """An SVG under construction.

    Args:
        centimeters: How wide it is.
    """

    def __init__(self, centimeters: float) -> None:
        self.width = centimeters * PIXELS_PER_CENTIMETER
        self.height = PADDING
        self._parts: list[str] = []

    def heading(self, title: str, subtitle: str) -> None:
        """Write a title and, below it, what is shown."""
        for text, size, weight in ((title, SIZE * 1.15, 700), (subtitle, SMALL, 400)):
            lines = in_lines(
                printable(text), self.width - 2 * PADDING, size, _MOST_TITLE_LINES, weight
            )
            for line in lines:
                self.height += size * LEADING
                self.text(PADDING, self.height - size * 0.25, line, size, weight=weight)
        self.height += SIZE * 0.7

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = SMALL,
        *,
        weight: int = 400,
        anchor: str = "start",
        color: str = INK,
        turned: float = 0.0,
    ) -> None:
        """Write a line; ``y`` is its baseline, ``turned`` in degrees around its anchor."""
        turn = f"rotate({turned:g} {x:.2f} {y:.2f})" if turned else None
        self._add(
            "text",
            _escaped(printable(text)),
            x=x,
            y=y,
            font_family=f"{FONT}, sans-serif",
            font_size=f"{size:.2f}px",
            font_weight="bold" if weight == 700 else None,
            text_anchor=None if anchor == "start" else anchor,
            fill=color,
            transform=turn,
        )

    def image(self, x: float, y: float, width: float, height: float, pixels: Pixels) -> None:
        """Place an image of H×W×1, H×W×3 or H×W×4 pixels."""
        self._add(
            "image",
            x=x,
            y=y,
            width=width,
            height=height,
            preserveAspectRatio="none",
            href=image_url(sharp(pixels)),
        )

    def rectangle(self, x: float, y: float, width: float, height: float, **settings: Any) -> None:
        """Draw a rectangle; settings are attributes of SVG, with ``_`` for ``-``."""
        self._add("rect", x=x, y=y, width=width, height=height, **settings)

    def path(self, d: str, **settings: Any) -> None:
        """Draw a path."""
        self._add("path", d=d, **{"fill": "none", "stroke": MUTED, "stroke_width": 1, **settings})

    def svg(self) -> str:
        """Return what has been drawn, on white."""
        width, height = f"{self.width:.2f}", f"{self.height + PADDING:.2f}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}"><rect width="100%" height="100%" fill="white"/>'
            f"{''.join(self._parts)}</svg>"
        )

    def _add(self, tag: str, contents: str = "", **attributes: Any) -> None:
        written = " ".join(
            f'{name.replace("_", "-")}="{_number(value)}"'
            for name, value in attributes.items()
            if value is not None
        )
        self._parts.append(f"<{tag} {written}>{contents}</{tag}>")


def sharp(pixels: Pixels) -> Pixels:
    """Return pixels enlarged by a whole factor, so that each stays a square."""
    factor = max(-(-_SHARP // min(pixels.shape[:2])), 1)
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def image_url(pixels: Pixels) -> str:
    """Return pixels as the address of an image, without any loss unless it is a photograph."""
    picture = Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)
    photo = pixels.shape[2] == 3 and len(np.unique(pixels)) > _COLORS
    if photo and max(picture.size) > _LARGEST:
        picture.thumbnail((_LARGEST, _LARGEST), Image.Resampling.BOX)
    file = BytesIO()
    # Enlarged pixels are runs of equal ones, for which run lengths do nearly as well, and sooner.
    kind, settings = ("JPEG", {"quality": 92}) if photo else ("PNG", {"compress_type": zlib.Z_RLE})
    picture.save(file, kind, **settings)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"


def shown_on_page(pictures: Sequence[Picture], centimeters: float) -> list[dict[str, Any]]:
    """Return pictures as the template ``pictures`` of a page takes them."""
    shown = []
    for picture in pictures:
        svg = picture.svg(centimeters, title=False)
        width, height = _SIZES.findall(svg)[0]
        shown.append(
            {
                "title": picture.title,
                "subtitle": picture.subtitle,
                "of": picture.of,
                "address": f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}",
                "width": round(float(width)),
                "height": round(float(height)),
            }
        )
    return shown


def _number(value: Any) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
