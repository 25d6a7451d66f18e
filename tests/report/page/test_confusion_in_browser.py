"""The confusion matrix in a browser: its cells, their images, and what cells show."""

import re

import pytest

from browser import OpenPage, has_focus
from page_reports import Reports, entries_of


def test_a_click_on_a_cell_shows_its_images(open_page: OpenPage, reports: Reports) -> None:
    report = reports("noisy")
    page = open_page(report)
    entries = entries_of(report)
    best = max(entries, key=lambda each: each["test_accuracy"]["mean"])
    for cell in best["confused_images"][:3]:
        true, predicted = map(best["class_names"].index, (cell["true"], cell["predicted"]))
        page.click(f'[data-cell="{true},{predicted}"]')
        figures = page.locator("#cell-images figure")
        assert [int(each.get_attribute("data-index") or "") for each in figures.all()] == cell[
            "index"
        ]
        text = re.sub(r"\s+", " ", figures.first.inner_text())
        assert text == (
            f"{cell['name'][0]} label {cell['true']}, predicted {cell['predicted']}, "
            f"{cell['probability'][0]:.2f}, {cell['n_wrong'][0]} of {best['n']} wrong"
        )
    page.click('[data-cell="0,0"]')
    assert "These are correct" in page.inner_text("#cell-images")


def test_the_worst_cell_is_open_at_once_and_a_pair_opens_its_own(
    open_page: OpenPage, reports: Reports
) -> None:
    report = reports("noisy")
    page = open_page(report)
    entries = entries_of(report)
    best = max(entries, key=lambda each: each["test_accuracy"]["mean"])
    for place, pair in enumerate(best["top_pairs"][:2]):
        if place:
            page.click(f".pair:nth-child({place + 1}) [data-pair]")
        heading = page.inner_text("#cell-images h4")
        assert heading == f"{pair['true']} predicted as {pair['predicted']}"
        shown = page.locator("#cell-images figure").first
        assert int(shown.get_attribute("data-index") or "") == pair["images"][0]["index"]
        if place:
            focused = page.locator("#matrix :focus")
            assert focused.get_attribute("tabindex") == "0"
            assert page.locator('#matrix [tabindex="0"]').count() == 1
            row, column = map(int, (focused.get_attribute("data-at") or "").split(","))
            page.keyboard.press("ArrowUp" if row else "ArrowDown")
            assert f'data-at="{row - 1 if row else 1},{column}"' in has_focus(page)


def test_keys_reach_every_cell(open_page: OpenPage, reports: Reports) -> None:
    page = open_page(reports("noisy"))
    page.locator('[data-cell="0,0"]').focus()
    for key, at in (
        ("ArrowRight", "0,1"),
        ("ArrowDown", "1,1"),
        ("ArrowLeft", "1,0"),
        ("ArrowLeft", "1,0"),
        ("End", "1,9"),
        ("Control+End", "9,9"),
        ("ArrowDown", "9,9"),
        ("Control+Home", "0,0"),
    ):
        page.keyboard.press(key)
        assert f'data-cell="{at}"' in has_focus(page)
        assert page.locator('#matrix [tabindex="0"]').count() == 1
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert "0 predicted as 1" in page.inner_text("#cell-images h4")
    assert page.locator('[data-cell="0,1"][aria-selected=true]').count() == 1


def test_counts_rates_and_differences(open_page: OpenPage, reports: Reports) -> None:
    page = open_page(reports("noisy"))
    first, second, *_ = entries_of(reports("noisy"))
    page.select_option("#choice-errors", "1")
    cell = page.locator('[data-cell="0,0"]')
    assert cell.inner_text() == f"{100 * second['confusion'][0][0]:.1f}"
    page.click("label:has(input[value=count])")
    images = sum(run[0][0] for run in second["confusion_counts"]) / second["n"]
    assert float(cell.inner_text()) == pytest.approx(images, abs=0.5)
    page.click("label:has(input[value=difference])")
    page.select_option("#other", "0")
    difference = 100 * (second["confusion"][0][0] - first["confusion"][0][0])
    text = cell.inner_text().replace("−", "-")
    assert float(text or 0) == pytest.approx(difference, abs=0.06)


def test_of_many_classes_the_most_confused_come_first(
    open_page: OpenPage, reports: Reports
) -> None:
    report = reports("many classes")
    page = open_page(report)
    assert page.locator("#matrix tbody tr").count() == 30
    best = max(entries_of(report), key=lambda each: each["test_accuracy"]["mean"])
    pair = best["top_pairs"][0]
    true, predicted = map(best["class_names"].index, (pair["true"], pair["predicted"]))
    assert page.locator(f'[data-cell="{true},{predicted}"]').is_visible()
    assert "30 most confused of 200 classes" in page.inner_text("#matrix-note")
    page.click("#more-classes")
    assert page.locator("#matrix tbody tr").count() == 60
