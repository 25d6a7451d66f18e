"""The feature space and what networks look at, in a browser: by mouse, keyboard and touch."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from browser import (
    OpenPage,
    accessibility_violations,
    draw_all,
    has_focus,
    sticking_out,
    wait_for_charts,
)
from seedbed.analysis.registry import relate_all
from seedbed.report.page.file import write_report
from small_networks import SmallNetworks

if TYPE_CHECKING:
    from playwright.sync_api import Page

IMAGES = 30


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> SmallNetworks:
    return SmallNetworks(tmp_path_factory.mktemp("inside"))


@pytest.fixture(scope="module")
def report(study: SmallNetworks) -> Path:
    return write_report(study.store.folder, study.entries, known=study.loaded.datasets).file


def drawing(page: "Page") -> str:
    """Return the cloud as it is drawn, when it has been drawn."""
    page.wait_for_function("() => document.querySelector('#cloud-stage').dataset.drawn")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    found: str = page.evaluate("document.querySelector('#cloud-stage canvas').toDataURL()")
    return found


def drawn(page: "Page") -> int:
    drawing(page)
    return int(page.get_attribute("#cloud-stage", "data-drawn") or 0)


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (390, "light")])
def test_it_fits_and_can_be_used_by_everybody(
    open_page: OpenPage, report: Path, width: int, scheme: Literal["light", "dark"]
) -> None:
    page = open_page(report, width=width, scheme=scheme)
    page.locator("#looks").scroll_into_view_if_needed()
    assert [each for each in sticking_out(page) if "is cut off" not in each] == []
    assert accessibility_violations(page) == []
    for picture in page.locator("#looks img").all():
        assert picture.evaluate("each => each.complete && each.naturalWidth > 0")
        assert len(picture.get_attribute("alt") or "") > 40


def test_long_names_are_not_cut_on_a_phone(
    open_page: OpenPage, study: SmallNetworks, tmp_path: Path
) -> None:
    settings = ", patch_size=2, embed_dim=32, depth=4, num_heads=4, mlp_dim=64"
    renamed = [entry.replace(label=entry.header.label + settings) for entry in study.entries]
    report = write_report(
        study.store.folder,
        relate_all(renamed),
        known=study.loaded.datasets,
        out=tmp_path / "report.html",
    )
    page = open_page(report.file, width=390)
    assert draw_all(page)
    assert sticking_out(page) == []
    texts = page.locator(".drawing svg text").all_text_contents()
    assert [text for text in texts if "…" in text] == []
    assert any("embed dim 32" in text for text in texts)


def test_every_image_is_drawn(open_page: OpenPage, report: Path) -> None:
    page = open_page(report)
    assert drawn(page) == IMAGES
    assert f"{IMAGES} test images, seed 0" in page.inner_text("#cloud-note")
    assert "in three dimensions" in (page.get_attribute("#cloud-stage", "aria-label") or "")


def test_the_keyboard_turns_it(open_page: OpenPage, report: Path) -> None:
    page = open_page(report)
    page.focus("#cloud-stage")
    views = [drawing(page)]
    for key in ("ArrowLeft", "ArrowUp", "+"):
        page.keyboard.press(key)
        views.append(drawing(page))
    assert len(set(views)) == 4
    page.keyboard.press("Home")
    assert drawing(page) == views[0]
    page.keyboard.press("Tab")
    assert 'aria-pressed="true"' in has_focus(page)


def test_the_mouse_turns_it_and_names_images(open_page: OpenPage, report: Path) -> None:
    page = open_page(report)
    page.locator("#cloud-stage").scroll_into_view_if_needed()
    before = drawing(page)
    wait_for_charts(page)  # they move what is below them
    box = page.locator("#cloud-stage").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 80, middle[1] + 30)
    page.mouse.up()
    assert drawing(page) != before
    x, y = _place_of_an_image(page)
    page.mouse.move(box["x"] + x, box["y"] + y)
    assert page.inner_text("#cloud-tip").startswith("Test image ")
    assert "predicted" in page.inner_text("#cloud-tip")


def _place_of_an_image(page: "Page") -> tuple[int, int]:
    """Return where on the stage a pixel of the cloud has a color of the first class."""
    found: list[list[int]] = page.evaluate(
        """() => {
            const canvas = document.querySelector('#cloud-stage canvas');
            const { width, height } = canvas;
            const pixels = canvas.getContext('2d').getImageData(0, 0, width, height).data;
            const dense = width / canvas.clientWidth;
            const found = [];
            for (let at = 0; at < pixels.length; at += 4) {
                const [red, green, blue, opaque] = pixels.subarray(at, at + 4);
                const place = [(at / 4) % width, Math.floor(at / 4 / width)];
                if (opaque > 150 && blue > red + 60 && blue > green + 30) {
                    found.push(place.map(each => Math.round(each / dense)));
                }
            }
            return found;
        }"""
    )
    x, y = found[0]
    return x, y


def test_a_tap_names_an_image(open_page: OpenPage, report: Path) -> None:
    page = open_page(report, width=390)
    stage = page.locator("#cloud-stage")
    stage.scroll_into_view_if_needed()
    drawing(page)
    x, y = _place_of_an_image(page)
    stage.tap(position={"x": x, "y": y})
    assert page.inner_text("#cloud-tip").startswith("Test image ")


def test_classes_are_switched_off_and_on(open_page: OpenPage, report: Path) -> None:
    page = open_page(report)
    page.click("#cloud-classes button >> nth=0")
    assert drawn(page) == IMAGES * 2 // 3
    assert page.get_attribute("#cloud-classes button >> nth=0", "aria-pressed") == "false"
    page.click("[data-cloud=none]")
    assert drawn(page) == 0
    page.click("#cloud-classes button >> nth=1")
    assert drawn(page) == IMAGES // 3
    page.click("[data-cloud=all]")
    assert drawn(page) == IMAGES


def test_another_network_has_another_cloud(open_page: OpenPage, report: Path) -> None:
    page = open_page(report)
    before, note = drawing(page), page.inner_text("#cloud-note")
    page.select_option("#cloud-choice", "1")
    assert drawing(page) != before
    assert page.inner_text("#cloud-note") != note


def test_on_paper_it_is_dark_on_white(open_page: OpenPage, report: Path) -> None:
    page = open_page(report, scheme="dark")
    before = drawing(page)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert drawing(page) != before
    page.emulate_media(media="print")
    assert page.locator("#cloud-stage canvas").is_visible()
    assert not page.locator("#cloud-help").is_visible()
    assert page.locator("#looks .several img >> nth=0").is_visible()
    assert page.locator("#looks details summary >> nth=0").is_visible()  # their only title
    page.evaluate("dispatchEvent(new Event('afterprint'))")


def test_a_link_to_what_is_folded_up_opens_it(open_page: OpenPage, report: Path) -> None:
    page = open_page(report)
    folded = page.locator("details.titled[id]:not([open])")
    name = folded.first.get_attribute("id")
    page.evaluate("name => { location.hash = name; }", name)
    page.wait_for_selector(f"#{name}[open]")


def test_without_scripts_the_pictures_and_the_table_are_there(
    open_page: OpenPage, report: Path
) -> None:
    page = open_page(report, javascript=False)
    page.click("#features summary")
    assert page.locator("#features table").is_visible()
    assert page.locator("#looks img").count() > 10
