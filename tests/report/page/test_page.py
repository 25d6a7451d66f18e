"""The page: whole, on its own, and with every text shown as text."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import summaries
from made_entries import made_entries
from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PageMaterial
from seedbed.report.page.page import Progress
from seedbed.report.page.page import page as page_of
from seedbed.report.pictures.named_images import Pictures

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \"&' {{ 7 * 7 }}"


def page(entries: Sequence[Entry], *arguments: Any, **options: Any) -> str:
    return page_of(PageMaterial(entries), *arguments, **options)


class Elements(HTMLParser):
    """The elements of a page, with what a browser would ask for or run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, text: str) -> None:
        self.text += text

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return made_entries("a", "b", "c")


@pytest.fixture(scope="module")
def text(entries: list[Entry]) -> str:
    return page(entries, study_file="name = 'mine'\n")


def test_sections_come_in_the_order_in_which_people_ask(text: str) -> None:
    assert re.findall(r'<section id="(\w+)"', text) == [
        "conclusions",
        "results",
        "comparisons",
        "training",
        "errors",
        "features",
        "cost",
        "tables",
        "setup",
        "reproduce",
    ]
    assert text.index('class="lead"') < text.index('<section id="conclusions"')


def test_headings_are_in_order(text: str) -> None:
    levels = [int(tag[1]) for tag, _ in Elements(text).tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_it_asks_nobody_for_anything(text: str) -> None:
    found = Elements(text)
    for tag in ("link", "iframe", "object", "embed", "base", "form", "video", "audio"):
        assert not found.named(tag)
    assert not [each for each in found.named("script") if "src" in each]
    assert all((each["href"] or "").startswith(("#", "data:image/")) for each in found.named("a"))
    assert all((each["src"] or "").startswith("data:image/") for each in found.named("img"))
    assert not re.search(r"@import|url\((?!data:)", text[: text.index("</style>")])
    policy = next(
        each["content"]
        for each in found.named("meta")
        if each.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy is not None
    assert policy.startswith("default-src 'none';")
    assert not [each for each in policy.split() if each.startswith(("http", "*", "'unsafe-"))]


def test_the_policy_allows_the_scripts_and_styles_of_the_page_and_no_others(text: str) -> None:
    policy = Elements(text).named("meta")[1]["content"]
    assert policy is not None
    allowed = {part.split()[0]: part.split()[1:] for part in policy.split("; ")}
    for tag in ("script", "style"):
        contents = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digests = [hashlib.sha256(each.encode()).digest() for each in contents]
        hashes = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
        assert allowed[f"{tag}-src"] == hashes
    assert not [
        name for _, attributes in Elements(text).tags for name in attributes if name == "style"
    ]


def test_no_element_carries_a_handler(text: str) -> None:
    for _, attributes in Elements(text).tags:
        assert not [name for name in attributes if name.startswith("on")]


def test_names_are_shown_as_text() -> None:
    made = made_entries(EVIL, "b", class_names=[EVIL, "运动鞋", "حذاء رياضي"], dataset=EVIL)
    for each in made:
        each["study"] = {**each["study"], "name": EVIL, "damaged": [EVIL]}
        for pair in each["top_pairs"]:
            pair |= {"true": EVIL, "predicted": "运动鞋"}
        for found in (*each["hard_examples"]["examples"], *each["confused_images"]):
            found |= {"true": EVIL, "predicted": "حذاء رياضي"}
        for name, scores in zip(each["class_names"], each["per_class"], strict=True):
            scores["class"] = name
    plain = Elements(page(made_entries("a", "b"), study_file="x"))
    evil = Elements(page(made, study_file=EVIL))
    for tag in ("script", "style", "title", "h1", "body"):
        assert len(evil.named(tag)) == len(plain.named(tag)) or tag == "script"
    assert all((each["src"] or "").startswith("data:image/") for each in evil.named("img"))
    assert {each.get("type") for each in evil.named("script")} == {None, "application/json"}
    assert len([each for each in evil.named("script") if "type" not in each]) == 2
    assert EVIL in evil.text
    assert "49" not in evil.text.partition("alert(2)")[2][:30]


def test_texts_cannot_turn_around_what_follows() -> None:
    made = made_entries("left\u202eright", "b\u2066")
    shown = page(made, study_file="one\u202e\ntwo")
    assert "\u202e" not in shown
    assert "\u2066" not in shown
    assert "one\\x202e\ntwo" in shown


def test_what_the_scripts_read_is_json(text: str) -> None:
    blobs = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', text, re.DOTALL)
    assert len(blobs) > 10
    for blob in blobs:
        json.loads(blob)
        assert not set("<>&\u2028\u2029") & set(blob)


def test_a_single_configuration_has_nothing_to_choose() -> None:
    text = page(made_entries("lenet5"))
    assert "data-choice=" not in text
    assert 'id="legend"' not in text
    assert 'value="difference"' not in text
    assert '<section id="comparisons"' not in text
    assert '<section id="reproduce"' in text


def test_external_predictions_have_no_training(tmp_path: Path) -> None:
    entries = summaries.entries_of(summaries.outside(tmp_path))
    text = page(entries)
    sections = re.findall(r'<section id="(\w+)"', text)
    assert sections == ["conclusions", "results", "comparisons", "errors", "tables", "setup"]
    assert "<dt>Machine</dt>" not in text


def test_noise_has_a_section_where_there_is_some(entries: list[Entry]) -> None:
    made = made_entries("none", "some")
    made[1]["noise"] = {**made[1]["noise"], "kind": "symmetric", "rate": 0.4, "observed_rate": 0.4}
    assert '<section id="noise"' in page(made)


def test_configurations_without_a_finished_run_are_named() -> None:
    made = [
        *made_entries("a"),
        *made_entries("gone", runs=0, diverged=[{"seed": 0, "epoch": 1}]),
    ]
    text = page(made)
    assert "Seed 0 diverged in epoch 1" in text
    assert "no finished run" in text


def test_why_there_are_no_images_is_said(entries: list[Entry]) -> None:
    pictures = Pictures(
        missing={entries[0]["test_fingerprint"]: "data/mnist: there is <nothing> here"}
    )
    text = page(entries, pictures)
    assert "No images are shown: data/mnist: there is &lt;nothing&gt; here" in text


def test_a_study_that_is_running_says_how_far_it_is(entries: list[Entry]) -> None:
    text = page(entries, progress=Progress("7 of 15 runs have ended.", 0.5), refresh=10)
    assert "7 of 15 runs have ended." in text
    assert 'data-refresh="10"' in text
    assert "data-refresh" not in page(entries, progress=Progress("7 of 15", 0.5))


def test_a_study_that_has_only_begun_has_a_page() -> None:
    text = page((), name="mine", progress=Progress("0 of 15 runs have ended.", 0.0), refresh=10)
    assert "<h1>mine</h1>" in text
    assert "0 of 15 runs have ended." in text
    assert "<section" not in text


def test_the_same_entries_make_the_same_page(entries: list[Entry], text: str) -> None:
    assert page(entries, study_file="name = 'mine'\n") == text
