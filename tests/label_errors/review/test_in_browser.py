"""The page of a review in a browser: keys, undo, a reload, two reviewers, and hostile names."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser import PHONE, SECONDS, accessibility_violations, sticking_out
from made_reviews import CLASSES, made_gallery, served
from seedbed.label_errors.review.agreement import agreement
from seedbed.label_errors.review.answers import read_all, read_answers
from seedbed.label_errors.review.gallery import Gallery
from seedbed.label_errors.review.server import ReviewServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def gallery() -> Gallery:
    return made_gallery()


class Windows:
    """Opens the page of a server; it may complain of nothing and ask nobody else."""

    def __init__(self, chromium: "Browser", stack: ExitStack) -> None:
        self._chromium, self._stack = chromium, stack
        self.complaints: list[str] = []

    def __call__(self, server: ReviewServer, *, width: int = 1440, scheme: str = "light") -> "Page":
        context = self._chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            is_mobile=width < PHONE,
        )
        self._stack.callback(context.close)
        context.set_default_timeout(1000 * SECONDS)
        page = context.new_page()
        page.on("console", lambda said: self.complaints.append(said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        page.on("request", lambda request: self._check(server, request.url))
        page.goto(server.address)
        page.wait_for_selector("main[aria-busy=false]")
        return page

    def _check(self, server: ReviewServer, url: str) -> None:
        if not url.startswith(server.address):
            self.complaints.append(url)


@pytest.fixture
def windows(chromium: "Browser") -> Iterator[Windows]:
    with ExitStack() as stack:
        opened = Windows(chromium, stack)
        yield opened
    assert opened.complaints == []


def wait_until_kept(folder: Path, reviewer: str, count: int) -> list[str | None]:
    """Return the labels of a reviewer, once there are so many."""
    end = time.monotonic() + SECONDS
    while True:
        kept = [answer.label for answer in read_answers(folder, reviewer, "f").given]
        if len(kept) == count:
            return kept
        assert time.monotonic() < end, kept
        time.sleep(0.01)


def shows(page: "Page", selector: str, pattern: str) -> None:
    """Wait until an element has a text; the page's policy forbids wait_for_function."""
    page.locator(selector).filter(has_text=re.compile(pattern)).wait_for(state="attached")


def press(page: "Page", *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_keys_answer_undo_and_survive_a_reload(
    windows: Windows, gallery: Gallery, tmp_path: Path
) -> None:
    rows = [gallery.row(number) for number in gallery.reviewed]
    with served(gallery, tmp_path) as server:
        page = windows(server)
        press(page, "a", "k", "2", "u", "u", "z")
        kept = wait_until_kept(tmp_path, "anna", 4)
        assert kept == [CLASSES[rows[0].suggested], CLASSES[rows[1].given], CLASSES[1], None]
        shows(page, "#count", "^4 answered")
        page.reload()
        page.wait_for_selector("main[aria-busy=false]")
        assert page.locator("#name bdi").text_content() == rows[4].name
        press(page, "Backspace")  # an answer that was given before the reload
        wait_until_kept(tmp_path, "anna", 3)
        shows(page, "#name bdi", f"^{re.escape(rows[3].name)}$")
        assert page.locator("#answer").text_content() == "none yet"
        press(page, "ArrowLeft", "ArrowLeft")
        assert page.locator("#name bdi").text_content() == rows[1].name
        assert page.locator("#keep").get_attribute("aria-pressed") == "true"
        page.locator("#classes button").nth(0).click()
        assert wait_until_kept(tmp_path, "anna", 4)[-1] == CLASSES[0]
    lines = (tmp_path / "corrections.csv").read_text("utf-8").splitlines()
    assert len(lines) >= 2


def test_two_reviewers_do_not_see_each_other(
    windows: Windows, gallery: Gallery, tmp_path: Path
) -> None:
    for reviewer, keys in (("anna", "aak"), ("ben", "aku")):
        with served(gallery, tmp_path, reviewer) as server:
            page = windows(server)
            assert page.locator("#answer").text_content() == "none yet"
            press(page, *keys)
            wait_until_kept(tmp_path, reviewer, 3)
    first, second = read_all(tmp_path, "f")
    of = agreement(first, second)
    assert (of.first, of.second, of.images, of.same) == ("anna", "ben", 3, 1)


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (390, "dark")])
def test_names_are_text_and_axe_has_no_complaint(
    windows: Windows, gallery: Gallery, tmp_path: Path, width: int, scheme: str
) -> None:
    with served(gallery, tmp_path) as server:
        page = windows(server, width=width, scheme=scheme)
        page.wait_for_selector("#neighbors img")
        assert page.locator("#name bdi").text_content() == gallery.row(gallery.reviewed[0]).name
        assert page.locator("main b, main img[onerror]").count() == 0
        assert CLASSES[0] in (page.locator("#classes").text_content() or "")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("[...document.images].every(image => image.naturalWidth === 8)")
        assert sticking_out(page) == []
        assert accessibility_violations(page) == []


def test_a_page_without_its_server_says_that_nothing_is_kept(
    chromium: "Browser", gallery: Gallery, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        windows = Windows(chromium, stack)
        with served(gallery, tmp_path) as server:
            page = windows(server)
            page.wait_for_selector("#neighbors img")
            page.wait_for_load_state("networkidle")
        press(page, "u")
        page.wait_for_selector("#problem:not([hidden])")
        assert page.locator("#keep").is_disabled()


def test_ten_thousand_images_do_not_lag(windows: Windows, tmp_path: Path) -> None:
    gallery = made_gallery(10_000, ("a", "b"))
    with served(gallery, tmp_path) as server:
        page = windows(server)
        press(page, "u")
        # From a key to the next image on the screen, in the browser's own time.
        # The fastest of many, because others may use the machine.
        fastest = page.evaluate(
            """async () => {
              const painted = () =>
                new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
              const times = [];
              for (let count = 0; count < 40; count += 1) {
                const start = performance.now();
                document.dispatchEvent(new KeyboardEvent("keydown", { key: "k" }));
                await painted();
                times.push(performance.now() - start);
              }
              return Math.min(...times);
            }"""
        )
        assert fastest < 50
        wait_until_kept(tmp_path, "anna", 41)
