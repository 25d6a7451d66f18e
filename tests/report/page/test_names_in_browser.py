"""The names of images on a page, as a reader sees them: legible, whole in the title, and links."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from PIL import Image

import summaries
from browser import OpenPage, accessibility_violations, draw_all, open_details, sticking_out
from seedbed.report.page.file import write_report

LONG = "taken at the institute in the autumn of 2019 with the old camera, number 7.png"
ODD = ("a b#1?.png", "Äpfel & <Birnen> 100%.png", LONG)


def write_photos(folder: Path, classes: int = 4, images: int = 25) -> Path:
    """Write class folders; some files have names that are long or break addresses."""
    generator = np.random.Generator(np.random.Philox(3))
    for label in range(classes):
        inside = folder / f"class {label}"
        inside.mkdir(parents=True)
        for number in range(images):
            name = f"{number} {ODD[number % 4]}" if number % 4 < 3 else f"IMG_{number:04}.png"
            pixels = generator.integers(0, 256, (14, 14, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(inside / name)
    return folder


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("named")
    photos = write_photos(folder / "my photos")
    study = summaries.write_study(
        folder / "studies", dataset=f'{{ path = "{photos}" }}', margin=3, name="named"
    )
    return write_report(study, summaries.entries_of(study)).file


def test_every_picture_has_its_name_and_a_click_opens_its_file(
    open_page: OpenPage, report: Path
) -> None:
    page = open_page(report)
    (entry,) = summaries.entries_of(report.parent)
    examples = entry["hard_examples"]["examples"]
    pictures = page.locator("#hard-list .picture")
    assert pictures.count() == min(len(examples), 21)
    for picture, example in zip(pictures.all(), examples, strict=False):
        name = picture.locator(".name")
        assert name.get_attribute("title") == example["name"]
        shown = name.inner_text()
        start, _, end = shown.partition("…")
        assert len(shown) <= 40
        assert example["name"].startswith(start)
        assert example["name"].endswith(end)
        address = picture.locator("a").evaluate("link => link.href")
        file = Path(unquote(urlsplit(address).path))
        assert file == report.parents[2] / "my photos" / example["name"]
        assert file.is_file()
    assert "…" in page.locator("#hard-list").inner_text()


@pytest.mark.parametrize("width", [390, 1440])
def test_long_names_stay_within_the_page(open_page: OpenPage, report: Path, width: int) -> None:
    page = open_page(report, width=width)
    draw_all(page)
    open_details(page)
    assert [each for each in sticking_out(page) if "is cut off" not in each] == []
    assert accessibility_violations(page) == []
    overflowing = page.evaluate(
        "[...document.querySelectorAll('.picture .name')]"
        ".filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.title)"
    )
    assert overflowing == []
