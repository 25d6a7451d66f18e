"""The typeface of figures, Roboto: where it lies, and how wide a text is in it."""

from functools import cache
from pathlib import Path
from typing import Final

import font_roboto
from PIL import ImageFont

FONT: Final = "Roboto"
"""Of figures. A page has its own."""
WEIGHTS: Final = {400: "Roboto-Regular.ttf", 700: "Roboto-Bold.ttf"}
_MEASURED: Final = 100
"""Pixels: the size at which text is measured, so that hinting changes nothing."""


def font_folder() -> Path:
    """Return the folder with the font files."""
    return Path(font_roboto.__file__).parent / "files"


def text_width(text: str, size: float, weight: int = 400) -> float:
    """Return how wide a text is in pixels, at a size in pixels."""
    return _font(weight).getlength(text) * size / _MEASURED


def shortened_to(text: str, width: float, size: float, weight: int = 400) -> str:
    """Return a text that fits into a width, with an ellipsis where it was cut."""
    if text_width(text, size, weight) <= width:
        return text
    while text and text_width(f"{text}…", size, weight) > width:
        text = text[:-1].rstrip()
    return f"{text}…"


def in_lines(text: str, width: float, size: float, most: int, weight: int = 400) -> list[str]:
    """Return a text broken into lines that fit into a width, the last one cut if it must be.

    Args:
        text: Words that are apart by spaces.
        width: In pixels.
        size: Of the type, in pixels.
        most: Lines at most.
        weight: 400 or 700.
    """
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, weight) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    if len(lines) > most:
        lines[most - 1 :] = [" ".join(lines[most - 1 :])]
    return [shortened_to(line, width, size, weight) for line in lines]


@cache
def _font(weight: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_folder() / WEIGHTS[weight]), _MEASURED)
