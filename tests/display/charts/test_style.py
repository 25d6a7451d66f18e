"""Colors that everybody can tell apart, and specifications for pages and papers."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from drawn import specification
from made_entries import made_entries, made_entry
from seedbed.analysis.subjects.accuracy.chart import chart as accuracy
from seedbed.display.charts.style import COLORS, DASHES, for_paper, looks

DEFICIENCIES = {
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
"""Machado, Oliveira and Fernandes, A physiologically-based model for simulation of color vision
deficiency, 2009; of linear sRGB, severity 1."""

DARK_PAGE = "#14171c"


def linear(color: str) -> NDArray[np.float64]:
    value = np.array([int(color[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def oklab(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Björn Ottosson, A perceptual color space for image processing, 2020."""
    cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    found: NDArray[np.float64] = np.array(lab) @ np.cbrt(np.array(cones) @ np.clip(light, 0, 1))
    return found


def contrast(first: str, second: str) -> float:
    """Return the contrast that WCAG 2 defines."""
    lights = sorted(float(linear(each) @ [0.2126, 0.7152, 0.0722]) for each in (first, second))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_colors_are_told_apart_by_everybody(deficiency: str) -> None:
    seen = [oklab(np.array(DEFICIENCIES[deficiency]) @ linear(each)) for each in COLORS]
    apart = [float(np.linalg.norm(first - second)) for first, second in combinations(seen, 2)]
    assert min(apart) >= 0.07


@pytest.mark.parametrize("page", ["#ffffff", DARK_PAGE])
def test_colors_are_seen_on_light_and_dark_pages(page: str) -> None:
    assert min(contrast(each, page) for each in COLORS) >= 2.55


def test_forty_configurations_look_different() -> None:
    names = [str(number) for number in range(len(COLORS) * len(DASHES))]
    assert len(names) == 40
    assert len(set(looks(names).values())) == 40
    assert looks([*names, "more"])["more"] == looks(names)["0"]


def test_a_page_gets_a_chart_of_its_own_width() -> None:
    found = specification(accuracy(made_entries("a", "b")))
    assert found["width"] == "container"
    assert "font" not in found["config"]
    assert "background" not in found


def test_a_figure_has_a_fixed_width_and_lines_that_fit() -> None:
    chart = accuracy([made_entry("x" * 300, dataset="a long name of a dataset " * 5)])
    assert chart is not None
    for centimeters, pixels in ((8.5, 321), (17.8, 673)):
        found = for_paper(chart, centimeters)
        assert found["width"] == pixels
        lines = found["title"]["subtitle"]
        assert len(lines) > 1
        assert max(map(len, lines)) * 4.7 <= pixels
    assert "n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}3 runs" in " ".join(lines)
