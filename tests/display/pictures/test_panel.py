"""Panels: every image once with its caption, and nothing sticks out."""

from xml.etree import ElementTree

import numpy as np
import pytest

from seedbed.display.charts.style import PIXELS_PER_CENTIMETER
from seedbed.display.pictures.panel import Panel, Row, Tile
from seedbed.display.typeface import in_lines, text_width

SVG = "{http://www.w3.org/2000/svg}"
CAPTION = ("label <ankle boot>", "a class with a very long name indeed")


@pytest.mark.parametrize("beside", [False, True])
@pytest.mark.parametrize("centimeters", [5.0, 8.5, 17.8])
def test_nothing_sticks_out(centimeters: float, beside: bool) -> None:
    tiles = [Tile(np.full((12, 9, 3), number, np.uint8), CAPTION) for number in range(20)]
    panel = Panel("Title " * 20, "Subtitle", [Row(tiles, "a row " * 30)], beside=beside)
    root = ElementTree.fromstring(panel.svg(centimeters))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert width == pytest.approx(centimeters * PIXELS_PER_CENTIMETER, abs=0.01)
    images = list(root.iter(f"{SVG}image"))
    assert len(images) == 20
    for image in images:
        x, y, wide, high = (float(image.attrib[name]) for name in ("x", "y", "width", "height"))
        assert wide / high == pytest.approx(9 / 12, rel=0.01)
        assert x + wide <= width
        assert y + high <= height
    for text in root.iter(f"{SVG}text"):
        size = float(text.attrib["font-size"].removesuffix("px"))
        weight = 700 if text.get("font-weight") == "bold" else 400
        length = text_width("".join(text.itertext()), size, weight)
        x = float(text.attrib["x"])
        left = x - length if text.get("text-anchor") == "end" else x
        assert left >= -0.01
        assert left + length <= width
        assert float(text.attrib["y"]) <= height


def test_lines_are_as_wide_as_they_may_be() -> None:
    lines = in_lines("one two three four", text_width("one two", 10), 10, 2)
    assert lines[0] == "one two"
    assert lines[1].startswith("three")
    assert lines[1].endswith("…")
    assert text_width(lines[1], 10) <= text_width("one two", 10)
