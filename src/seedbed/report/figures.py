"""The charts of a study as files for a paper: SVG, PDF or PNG, with the fonts inside.

They are the charts of the analyses, so they show the numbers that a page shows. A figure is drawn
once, as SVG; PDF and PNG are made of that, so that all three look alike.
"""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import font_roboto
import vl_convert
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from seedbed.analysis import registry
from seedbed.analysis.entry import Entry
from seedbed.core.errors import StudyError
from seedbed.display.charts.style import (
    COLUMN_CENTIMETERS,
    FONT,
    PIXELS_PER_CENTIMETER,
    for_paper,
)

FORMATS: Final = ("svg", "pdf", "png")
POINTS_PER_PIXEL: Final = 72 / 96
"""PDF measures in points."""
PNG_DOTS_PER_INCH: Final = 300
SVG: Final = "http://www.w3.org/2000/svg"

_WEIGHTS: Final = {400: "Roboto-Regular.ttf", 700: "Roboto-Bold.ttf"}
_ALWAYS: Final = frozenset(map(chr, range(32, 127))) | frozenset("−±·–…")
"""Letters that every figure carries, so that its text can be edited, and that nearly all figures
share one font, which takes a while to be made."""
_LONGEST_NAME: Final = 80
"""Bytes of a file name that come from a label; file systems allow 255."""


@dataclass(frozen=True)
class Figure:
    """A chart, ready to be drawn."""

    name: str
    """Of the file, without its ending."""
    chart: str
    """In the registry."""
    specification: Mapping[str, Any]
    """Vega-Lite."""


@dataclass(frozen=True)
class Drawn:
    """The file of a figure."""

    contents: bytes
    foreign: str
    """Characters that the embedded font does not have; a reader needs another font for them."""


def figures(
    entries: Sequence[Entry],
    charts: Sequence[str] = (),
    centimeters: float = COLUMN_CENTIMETERS,
) -> Iterator[Figure]:
    """Yield the figures of a study; a chart of one configuration gives one for each.

    Args:
        entries: Of its summary.
        charts: Their names; by default all that apply.
        centimeters: How wide they are, all included.

    Raises:
        StudyError: If a chart that is asked for by its name has nothing to draw.

    """
    taken: set[str] = set()
    every = registry.charts()
    for name in charts or every:
        chart = every[name]
        groups = [[entry] for entry in entries] if chart.per_configuration else [list(entries)]
        drawings = [(group, drawing) for group in groups if (drawing := chart.draw(group))]
        if charts and not drawings:
            raise StudyError(
                f"there is nothing to draw: {chart.description[0].lower()}{chart.description[1:]}",
                where=f"chart {name}",
            )
        for group, drawing in drawings:
            several = chart.per_configuration and len(entries) > 1
            stem = _file_name(f"{name}-{group[0].header.label}" if several else name, taken)
            yield Figure(stem, name, for_paper(drawing, centimeters))


def draw(figure: Figure, form: str) -> Drawn:
    """Draw a figure.

    Args:
        figure: One of :func:`figures`.
        form: ``svg``, ``pdf`` or ``png``, which has 300 dots per inch.

    """
    _register_fonts()
    # Nothing in a specification is fetched, and nothing may be.
    plain = vl_convert.vegalite_to_svg(dict(figure.specification), allowed_base_urls=[])
    root = ElementTree.fromstring(plain)  # noqa: S314 - it was made just now
    letters = _letters(root)
    foreign = "".join(sorted(set().union(*letters.values()) - _covered()))
    if form == "png":
        # Its pixels are made of points, too.
        scale = POINTS_PER_PIXEL
        contents = bytes(vl_convert.svg_to_png(plain, scale=scale, ppi=PNG_DOTS_PER_INCH))
    elif form == "pdf":
        _resize(root, POINTS_PER_PIXEL)  # a unit of an SVG becomes a point
        contents = bytes(vl_convert.svg_to_pdf(_text(root)))
    else:
        _resize(root, 10 / PIXELS_PER_CENTIMETER, "mm")
        root.insert(0, _fonts(letters))
        contents = _text(root).encode()
    return Drawn(contents, foreign)


def _resize(root: ElementTree.Element, factor: float, unit: str = "") -> None:
    """Say how large an SVG is in another unit; its contents stay as they are."""
    for side in ("width", "height"):
        root.set(side, f"{factor * float(root.attrib[side]):.4g}{unit}")


def _text(root: ElementTree.Element) -> str:
    ElementTree.register_namespace("", SVG)
    return ElementTree.tostring(root, encoding="unicode")


def _fonts(letters: Mapping[int, set[str]]) -> ElementTree.Element:
    """Return the letters that an SVG needs, as a part of it."""
    faces = [
        f"@font-face{{font-family:{FONT};font-weight:{weight};"
        f"src:url(data:font/woff;base64,{_subset(weight, ''.join(sorted(used | _ALWAYS)))})}}"
        for weight, used in letters.items()
        if used
    ]
    definitions = ElementTree.Element(f"{{{SVG}}}defs")
    ElementTree.SubElement(definitions, f"{{{SVG}}}style").text = "".join(faces)
    return definitions


def _letters(root: ElementTree.Element) -> dict[int, set[str]]:
    """Return which characters are set in which weight."""
    letters: dict[int, set[str]] = {weight: set() for weight in _WEIGHTS}
    for text in root.iter(f"{{{SVG}}}text"):
        bold = text.get("font-weight") in ("bold", "700")
        letters[700 if bold else 400].update("".join(text.itertext()))
    return letters


@cache
def _subset(weight: int, letters: str) -> str:
    """Return a font of these letters alone, as WOFF in base64."""
    options = Options()
    options.flavor = "woff"
    options.with_zopfli = False
    options.layout_features = ["kern", "mark", "mkmk", "ccmp"]
    options.notdef_outline = True
    font = TTFont(_folder() / _WEIGHTS[weight])
    subsetter = Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    font.flavor = "woff"
    file = BytesIO()
    font.save(file)
    return base64.b64encode(file.getvalue()).decode()


@cache
def _covered() -> frozenset[str]:
    """Return the characters that the font has."""
    with TTFont(_folder() / _WEIGHTS[400]) as font:
        return frozenset(map(chr, font.getBestCmap()))


@cache
def _register_fonts() -> None:
    """Let text be measured and drawn with the font that is embedded."""
    vl_convert.register_font_directory(str(_folder()))


def _folder() -> Path:
    return Path(font_roboto.__file__).parent / "files"


def _file_name(text: str, taken: set[str]) -> str:
    """Return a name for a file, unlike all those that are taken, and remember it."""
    safe = re.sub(r"[^\w.=+]+", "-", text).strip("-.")
    safe = safe.encode()[:_LONGEST_NAME].decode(errors="ignore")
    name, number = safe, 1
    while name.casefold() in taken:  # some systems take a.svg and A.svg for the same
        number += 1
        name = f"{safe}-{number}"
    taken.add(name.casefold())
    return name
