"""The charts and pictures of a study as files for a paper: SVG, PDF or PNG, with fonts inside.

They are those of the analyses, so they show the numbers that a page shows. A figure is drawn once,
as SVG; PDF and PNG are made of that, so that all three look alike.
"""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any, Final
from xml.etree import ElementTree

import vl_convert
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

from seedbed.analysis import registry
from seedbed.analysis.part import PageMaterial
from seedbed.core.errors import StudyError
from seedbed.display.charts.style import (
    COLUMN_CENTIMETERS,
    PIXELS_PER_CENTIMETER,
    Drawing,
    for_paper,
)
from seedbed.display.pictures.drawing import Picture
from seedbed.display.typeface import FONT, WEIGHTS, font_folder

FORMATS: Final = ("svg", "pdf", "png")
POINTS_PER_PIXEL: Final = 72 / 96
"""PDF measures in points."""
PNG_DOTS_PER_INCH: Final = 300
SVG: Final = "http://www.w3.org/2000/svg"

_ALWAYS: Final = frozenset(map(chr, range(32, 127))) | frozenset("−±·–…")
"""Letters that every figure carries, so that its text can be edited, and that nearly all figures
share one font, which takes a while to be made."""
_LONGEST_NAME: Final = 80
"""Bytes of a file name that come from a label; file systems allow 255."""


@dataclass(frozen=True, eq=False)
class Figure:
    """A chart or a picture, ready to be drawn."""

    name: str
    """Of the file, without its ending."""
    chart: str
    """In the registry."""
    content: Drawing | Picture
    centimeters: float = COLUMN_CENTIMETERS
    """How wide it is, all included."""
    title: bool = True
    """Whether title and subtitle stand above it."""

    def plain(self) -> str:
        """Return it as SVG that counts on the fonts of a viewer."""
        if not isinstance(self.content, Drawing):
            return self.content.svg(self.centimeters, title=self.title)
        # Nothing in a specification is fetched, and nothing may be.
        return vl_convert.vegalite_to_svg(self.specification, allowed_base_urls=[])

    @property
    def specification(self) -> dict[str, Any]:
        """The Vega-Lite of a chart."""
        assert isinstance(self.content, Drawing)
        return for_paper(self.content, self.centimeters, title=self.title)


@dataclass(frozen=True)
class Drawn:
    """The file of a figure."""

    contents: bytes
    foreign: str
    """Characters that the embedded font does not have; a reader needs another font for them."""


def figures(
    material: PageMaterial,
    names: Sequence[str] = (),
    centimeters: float = COLUMN_CENTIMETERS,
    *,
    title: bool = True,
) -> Iterator[Figure]:
    """Yield the figures of a study; those of one configuration or network give one for each.

    Args:
        material: Entries of its summary; pictures also need its folders and test images.
        names: Of charts and pictures; by default all that apply.
        centimeters: How wide they are, all included.
        title: Whether title and subtitle stand above them.

    Raises:
        StudyError: If one that is asked for by its name has nothing to draw.

    """
    taken: set[str] = set()
    for name in names or (*registry.charts(), *registry.pictures()):
        contents = list(_contents(name, material))
        if names and not contents:
            raise StudyError(_nothing(name, material), where=f"chart {name}")
        for of, content in contents:
            stem = _file_name(f"{name}-{of}" if of else name, taken)
            yield Figure(stem, name, content, centimeters, title)


def _contents(name: str, material: PageMaterial) -> Iterator[tuple[str, Drawing | Picture]]:
    """Yield what a figure shows, and the configuration or network that it is of."""
    if name in registry.pictures():
        yield from ((picture.of, picture) for picture in registry.pictures()[name].draw(material))
        return
    chart, entries = registry.charts()[name], material.entries
    for group in [[entry] for entry in entries] if chart.per_configuration else [list(entries)]:
        several = chart.per_configuration and len(entries) > 1
        for name, drawing in chart.drawings(group):
            yield group[0].header.label if several else name, drawing


def _nothing(name: str, material: PageMaterial) -> str:
    charts, pictures = registry.charts(), registry.pictures()
    shown = charts[name].description if name in charts else pictures[name].description
    images = name in pictures and material.pixels is None
    why = "the images of the dataset are not there: " if images else ""
    return f"there is nothing to draw: {why}{shown[0].lower()}{shown[1:]}"


def draw(figure: Figure, form: str) -> Drawn:
    """Draw a figure.

    Args:
        figure: One of :func:`figures`.
        form: ``svg``, ``pdf`` or ``png``, which has 300 dots per inch.

    """
    _register_fonts()
    plain = figure.plain()
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
    letters: dict[int, set[str]] = {weight: set() for weight in WEIGHTS}
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
    font = TTFont(font_folder() / WEIGHTS[weight], recalcTimestamp=False)  # the same every time
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
    with TTFont(font_folder() / WEIGHTS[400]) as font:
        return frozenset(map(chr, font.getBestCmap()))


@cache
def _register_fonts() -> None:
    """Let text be measured and drawn with the font that is embedded."""
    vl_convert.register_font_directory(str(font_folder()))


def _file_name(text: str, taken: set[str]) -> str:
    """Return a name for a file, unlike all those that are taken, and remember it."""
    # No "=", which shells and LaTeX take for something else.
    safe = re.sub(r"[^\w.+]+", "-", text).strip("-.")
    safe = safe.encode()[:_LONGEST_NAME].decode(errors="ignore")
    name, number = safe, 1
    while name.casefold() in taken:  # some systems take a.svg and A.svg for the same
        number += 1
        name = f"{safe}-{number}"
    taken.add(name.casefold())
    return name
