"""What the pointer shows in a browser: the nearest point, and all of its names."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from drawn import specification
from made_entries import made_entries, made_entry
from seedbed.analysis.registry import charts
from seedbed.analysis.subjects.accuracy.chart import chart as accuracy
from seedbed.analysis.subjects.confusion.chart import chart as confusion
from seedbed.analysis.subjects.roc.chart import curves as roc
from seedbed.display.charts.style import Drawing
from seedbed.report.page.vega import vega_script

accuracy_curves = charts()["accuracy-curves"].draw

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from browser import OpenPage

HOSTILE = "<b>\"&'</b>"

CURVES = """
() => {
  const points = [...document.querySelectorAll('.mark-symbol.role-mark path[aria-label]')];
  const point = points.find((each) => each.getAttribute('aria-label').includes('second'));
  const { x, y } = point.getBoundingClientRect();
  return [x + 12, y - 20];
}
"""


def page(open_page: "OpenPage", folder: Path, chart: Drawing | None) -> "Page":
    """Open a page with nothing but a chart, as the report draws it."""
    text = json.dumps(specification(chart)).replace("<", "\\u003c")
    file = folder / "chart.html"
    draw = (
        f"vegaEmbed('#chart', {text}, {{renderer: 'svg', actions: false}})"
        ".then((found) => { window.view = found.view; });"
    )
    file.write_text(
        "<!doctype html><html lang=en><meta charset=utf-8><title>chart</title>"
        '<link rel=icon href="data:,"><div id=chart style="width: 600px"></div>'
        f"<script>{vega_script()}</script><script>{draw}</script></html>",
        encoding="utf-8",
    )
    found = open_page(file)
    found.wait_for_function("window.view !== undefined")
    return found


def tooltip(found: "Page", x: float, y: float) -> str:
    shown = found.locator("#vg-tooltip-element.visible")
    for step in range(50):  # a pointer that does not move shows nothing
        found.mouse.move(x + step % 2, y)
        if shown.count():
            break
        found.wait_for_timeout(20)
    assert shown.locator("b").count() == 0  # names are text
    return " ".join(shown.inner_text().split())


def test_the_nearest_mean_says_whose_it_is(open_page: "OpenPage", tmp_path: Path) -> None:
    found = page(open_page, tmp_path, accuracy_curves(made_entries(HOSTILE, "second", "third")))
    x, y = found.evaluate(CURVES)
    text = tooltip(found, x, y)
    assert "undefined" not in text
    assert text.startswith("configuration ")
    assert "mean ± std" in text
    assert "runs (n) 3" in text


def test_the_nearest_point_of_a_roc_curve(open_page: "OpenPage", tmp_path: Path) -> None:
    found = page(open_page, tmp_path, roc([made_entry(class_names=[HOSTILE, "b", "c"])]))
    box: Any = found.locator("#chart .mark-line.role-mark").last.bounding_box()
    text = tooltip(found, box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    assert "undefined" not in text
    assert " ± " in text
    assert "false positive rate 0." in text


@pytest.mark.parametrize("draw", [accuracy, confusion])
def test_marks_name_what_they_are(draw: Any, open_page: "OpenPage", tmp_path: Path) -> None:
    entry = made_entry(HOSTILE, class_names=[HOSTILE, "b", "c"])
    found = page(open_page, tmp_path, draw([entry]))
    mark = found.locator(".role-mark path[aria-label]").first
    box: Any = mark.bounding_box()
    text = tooltip(found, box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert HOSTILE in text
    assert "undefined" not in text


def test_a_page_switches_configurations_off(open_page: "OpenPage", tmp_path: Path) -> None:
    found = page(open_page, tmp_path, accuracy_curves(made_entries("first", "second", "third")))
    lines = "() => document.querySelectorAll('.mark-line.role-mark path').length"
    before = found.evaluate(lines)
    found.evaluate("view.signal('shown', ['second']).runAsync().then(() => null)")
    assert found.evaluate(lines) == before / 3
    found.evaluate("view.signal('shown', null).runAsync().then(() => null)")
    assert found.evaluate(lines) == before
