"""The page in a browser: drawn, clicked, typed at, printed, read aloud, and silent."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

import summaries
from browser import (
    OpenPage,
    accessibility_violations,
    clipboard,
    draw_all,
    open_details,
    sticking_out,
    wait_for_charts,
)
from page_reports import STUDIES, Reports, entries_of
from seedbed.analysis.answer.headline import MOST_WORDS
from seedbed.analysis.registry import tables
from seedbed.analysis.subjects.only_right.images import right_in_one
from seedbed.analysis.subjects.only_right.page import MOST_ONLY_RIGHT
from seedbed.analysis.subjects.robustness import ANALYSIS as ROBUSTNESS
from seedbed.report.page.file import write_report
from seedbed.report.page.page import Progress
from seedbed.report.renderers import csv, latex


@pytest.mark.parametrize("name", STUDIES)
def test_every_chart_is_drawn_and_axe_has_no_complaint(
    open_page: OpenPage, reports: Reports, name: str
) -> None:
    page = open_page(reports(name))
    assert draw_all(page)
    assert page.locator("figure[data-drawn=true] svg").count() == len(draw_all(page))
    open_details(page)
    assert accessibility_violations(page) == []


@pytest.mark.parametrize("name", STUDIES)
def test_on_a_phone_nothing_sticks_out(open_page: OpenPage, reports: Reports, name: str) -> None:
    page = open_page(reports(name), width=390, scheme="dark")
    draw_all(page)
    open_details(page)
    assert [each for each in sticking_out(page) if "is cut off" not in each] == []
    assert accessibility_violations(page) == []


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_what_is_no_chart_can_be_saved_as_it_is_seen(
    open_page: OpenPage, reports: Reports, tmp_path: Path, kind: str
) -> None:
    page = open_page(reports("noisy"), scheme="dark")
    for title in ("Confusion matrix", "Images of the chosen cell", "Hard examples"):
        with page.expect_download() as saving:
            page.click(f"[data-save-block={kind}][aria-label$=': {title}']")
        saving.value.save_as(tmp_path / "saved")
        contents = (tmp_path / "saved").read_bytes()
        if kind == "png":
            assert contents.startswith(b"\x89PNG")
            continue
        root = ElementTree.fromstring(contents)
        images = list(root.iter("{http://www.w3.org/2000/svg}image"))
        assert bool(images) == (title != "Confusion matrix")
        texts = ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]
        assert "100" in texts if title == "Confusion matrix" else any("label" in t for t in texts)
        assert "light" not in (page.get_attribute("html", "class") or "")


def test_a_first_screen_holds_the_answer_and_its_chart(
    open_page: OpenPage, reports: Reports
) -> None:
    for name, chart in (("noisy", "noise-response"), ("single run", "accuracy")):
        page = open_page(reports(name))
        assert len(page.inner_text(".lead").split()) <= MOST_WORDS
        figure = page.locator(f'.masthead [data-chart="{chart}"]')
        box = figure.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 900
        assert page.locator(f'[data-chart="{chart}"]').count() == 1


def test_a_tile_shows_the_pixels_of_its_image(open_page: OpenPage, reports: Reports) -> None:
    import numpy as np
    from PIL import Image

    report = reports("noisy")
    page = open_page(report)
    page.click(".pair .tile >> nth=0")
    tile = page.locator(".pair .picture").first
    index = int(tile.get_attribute("data-index") or "")
    file = report.with_name("tile.png")
    tile.locator(".tile").screenshot(path=file, animations="disabled")
    with np.load(report.parent.parent / "data" / "images.npz") as arrays:
        expected = arrays["test_images"][index][..., 0].astype(int)
    with Image.open(file) as image:
        shown = np.asarray(image.convert("L")).astype(int)
    factor = shown.shape[0] // expected.shape[0]
    assert factor >= 2
    middles = shown[factor // 2 :: factor, factor // 2 :: factor]
    assert np.abs(middles[1:-1, 1:-1] - expected[1:-1, 1:-1]).max() <= 1
    crisp = shown[factor + 1 : 2 * factor - 1, factor + 1 : 2 * factor - 1]
    assert np.ptp(crisp) == 0


def test_images_that_one_network_alone_gets_right(open_page: OpenPage, reports: Reports) -> None:
    report = reports("networks")
    page = open_page(report)
    open_details(page)
    found = [each for each in right_in_one(entries_of(report)) if each.images]
    assert found
    sections = page.locator("#only-right-list .pair")
    assert sections.count() == len(found)
    for section, each in zip(sections.all(), found, strict=True):
        text = re.sub(r"\s+", " ", section.inner_text())
        assert text.startswith(f"only {each.network.name} {len(each.images)} image")
        figures = section.locator("figure")
        shown = [image.index for image in each.images[:12]]
        assert [int(f.get_attribute("data-index") or "") for f in figures.all()] == shown
        image, classes = each.images[0], each.network.entry["class_names"]
        caption = re.sub(r"\s+", " ", figures.first.inner_text())
        assert caption.startswith(
            f"test/{image.index} label {classes[image.true]}, right in {image.right_in} of 5 "
        )
        for other, (predicted, n_wrong) in zip(each.others, image.others, strict=True):
            assert f"{other.name} predicts {classes[predicted]}, wrong in {n_wrong} of 5" in caption
        assert figures.first.locator(".tile[class*=sprite]").count() == 1
        more = section.locator("button")
        if more.count():
            more.click()
            assert figures.count() == min(len(each.images), MOST_ONLY_RIGHT)


def test_networks_have_a_chart_for_each_kind_of_corruption(
    open_page: OpenPage, reports: Reports
) -> None:
    page = open_page(reports("networks"))
    draw_all(page)
    drawn = page.locator("#networks figure[data-drawn=true]")
    names = [each.get_attribute("data-chart") for each in drawn.all()]
    assert {"training-size", *ROBUSTNESS.charts} <= set(names)
    assert "Do CNNs need less data?" in page.inner_text(".answer")


def test_the_legend_switches_configurations(open_page: OpenPage, reports: Reports) -> None:
    page = open_page(reports("noisy"))
    chart = page.locator('[data-chart="accuracy-curves"]')
    chart.scroll_into_view_if_needed()
    wait_for_charts(page)

    def lines() -> int:
        page.wait_for_timeout(200)
        return chart.locator("svg .mark-line path").count()

    every = lines()
    assert every > 0
    page.click("[data-legend=none]")
    assert "0 of" in page.inner_text("#legend-status")
    assert lines() == 0
    page.fill("#legend-search", "pair 0.4")
    assert page.locator("#legend li:visible").count() == 1
    page.click("[data-legend=all]")
    assert page.inner_text("#legend-status").startswith("1 of")
    assert 0 < lines() < every
    page.fill("#legend-search", "")
    page.click("[data-legend=all]")
    assert lines() == every


def test_what_is_copied_is_what_the_command_line_writes(
    open_page: OpenPage, reports: Reports
) -> None:
    report = reports("noisy")
    page = open_page(report)
    made = tables()["accuracy"].make(entries_of(report))
    page.click("#results .part > .tables [data-copy=latex]")
    page.wait_for_selector("text=Copied.")
    assert clipboard(page) == latex.render(made)
    page.click("#results .part > .tables [data-copy=csv]")
    page.wait_for_timeout(100)
    assert clipboard(page) == csv.render(made)
    page.click("#copy-matrix")
    page.wait_for_timeout(100)
    assert clipboard(page).startswith("configuration,n,true,predicted,images,rate,std\n")
    assert len(clipboard(page).splitlines()) == 101


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_a_chart_can_be_saved(
    open_page: OpenPage, reports: Reports, tmp_path: Path, kind: str
) -> None:
    page = open_page(reports("diverged"))
    with page.expect_download() as saving:
        page.locator(f'[data-chart="accuracy"] [data-save={kind}]').click()
    assert saving.value.suggested_filename == f"diverged-accuracy.{kind}"
    file = tmp_path / "chart"
    saving.value.save_as(file)
    contents = file.read_bytes()
    assert contents.startswith(b"<svg" if kind == "svg" else b"\x89PNG")
    if kind == "svg":
        assert "Test accuracy" in contents.decode()  # its title, which the page says in HTML


def test_names_are_shown_as_text(open_page: OpenPage, reports: Reports) -> None:
    page = open_page(reports("hostile"))
    draw_all(page)
    open_details(page)
    text = page.inner_text("main")
    for name in summaries.HOSTILE:
        shown = name.replace("\t", "\\x09")
        assert shown[:30] in text or shown in page.inner_html("#matrix")
    assert page.locator("main img:not([src^='data:'])").count() == 0
    cell = page.locator('[data-cell="0,1"]')
    cell.click()
    assert page.inner_text("#cell-images h4") == "<script>alert(1)</script> predicted as \"&'"


PLANTED = """<h2 id="planted">
<script>window.ran = "script"</script>
<script src="data:text/javascript,window.ran='source'"></script>
<img src="data:," onerror="window.ran = 'handler'">
<svg onload="window.ran = 'load'"></svg>
<iframe srcdoc="<script>parent.ran = 'frame'</script>"></iframe>
<a href="javascript:window.ran = 'link'">link</a>
<style>#main { display: none }</style>
<span style="position: fixed">styled</span>
</h2>"""
"""What an attacker would write, if the page did not escape names."""


def test_what_slips_into_the_page_does_not_run(
    open_page: OpenPage, reports: Reports, tmp_path: Path
) -> None:
    text = reports("networks").read_text(encoding="utf-8")
    file = tmp_path / "planted.html"
    file.write_text(text.replace("<main ", f"{PLANTED}<main ", 1), encoding="utf-8")
    page = open_page(file)
    assert draw_all(page)
    page.get_by_role("link", name="link", exact=True).click()
    assert page.evaluate("window.ran") is None
    assert page.locator("#main").is_visible()
    assert page.locator("#planted span").evaluate("it => getComputedStyle(it).position") == "static"
    refused = open_page.watches[0].complaints
    assert len([line for line in refused if "Content Security Policy" in line]) >= 8
    refused.clear()


def test_details_are_rendered_when_opened(open_page: OpenPage, reports: Reports) -> None:
    page = open_page(reports("noisy"))
    assert page.locator("#tables table").count() == 0
    page.locator("#tables summary").first.click()
    page.wait_for_selector("#tables table")
    assert page.locator("#tables details[open]").count() == 1


def test_the_choice_of_a_configuration_changes_the_whole_section(
    open_page: OpenPage, reports: Reports
) -> None:
    page = open_page(reports("noisy"))
    entries = entries_of(reports("noisy"))
    draw_all(page)
    for place in (2, 1):
        page.select_option("#choice-errors", str(place))
        hard = [each["index"] for each in entries[place]["hard_examples"]["examples"]][:10]
        shown = page.locator("#hard-list figure").all()
        assert [int(each.get_attribute("data-index") or "") for each in shown] == hard
        rate = f"{100 * entries[place]['top_pairs'][0]['rate']:.2f}%"
        assert page.inner_text(".pair .rate >> nth=0") == rate
        draw_all(page)


def test_it_can_be_printed(open_page: OpenPage, reports: Reports) -> None:
    page = open_page(reports("noisy"))
    page.emulate_media(media="print")
    page.wait_for_function(
        "() => [...document.querySelectorAll('figure.chart')].every("
        "each => each.dataset.drawn === 'true' || !each.checkVisibility())"
    )
    assert not page.locator("nav.contents").is_visible()
    assert not page.locator("[data-copy] >> nth=0").is_visible()
    assert page.locator("#matrix").is_visible()
    # The key of the training curves, without what is switched off and without its switches.
    shown = page.locator("#legend li").filter(visible=True)
    assert shown.count() == page.locator("#legend input:checked").count() > 1
    assert not page.locator("#legend input").filter(visible=True).count()
    assert page.pdf().startswith(b"%PDF")


def test_printing_draws_every_chart(open_page: OpenPage, reports: Reports) -> None:
    page = open_page(reports("noisy"))
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    undrawn = "figure.chart:not([hidden]):not([data-drawn=true])"
    page.wait_for_function(f"() => !document.querySelector('{undrawn}')")


def test_without_scripts_the_tables_can_be_read(open_page: OpenPage, reports: Reports) -> None:
    page = open_page(reports("noisy"), javascript=False)
    assert page.locator("#results .part > .tables table").first.is_visible()
    assert "switched off here" in page.inner_text("main")


def test_a_page_of_a_running_study_reloads_itself(
    open_page: OpenPage, reports: Reports, tmp_path: Path
) -> None:
    study = reports("single run").parent
    progress = Progress("1 of 2 runs has ended.", 0.5)
    file = tmp_path / "running.html"
    entries = summaries.entries_of(study)
    write_report(study, entries, out=file, progress=progress, refresh=1)
    page = open_page(file)
    assert "1 of 2 runs has ended." in page.inner_text("#progress")
    write_report(study, entries, out=file)
    page.wait_for_function("() => !document.getElementById('progress')")


def test_a_reader_can_stop_it_from_reloading(
    open_page: OpenPage, reports: Reports, tmp_path: Path
) -> None:
    study = reports("single run").parent
    file = tmp_path / "running.html"
    progress = Progress("1 of 2 runs has ended.", 0.5)
    write_report(study, summaries.entries_of(study), out=file, progress=progress, refresh=2)
    page = open_page(file)
    page.click("[data-pause]")
    write_report(study, summaries.entries_of(study), out=file)
    assert accessibility_violations(page) == []
    page.wait_for_timeout(2500)
    assert page.locator("#progress").count() == 1
