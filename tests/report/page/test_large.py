"""The page of a study with many configurations: bounded, and nothing is left out in silence."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from browser import OpenPage, accessibility_violations, draw_all, sticking_out
from made_entries import made_entry
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.entry import Entry, fields_of
from seedbed.analysis.intervals import with_intervals
from seedbed.analysis.registry import relate_all
from seedbed.analysis.subjects.accuracy.result import mean_accuracy
from seedbed.analysis.subjects.settings.charts import effects_chart, two_settings_chart
from seedbed.analysis.subjects.settings.factors import MOST_LEVELS, coarse, factors_of
from seedbed.report.page import file as writing
from seedbed.report.page.details import MOST, chosen
from seedbed.report.page.file import write_report

RATES, SIZES = 15, 16
DETAILED = 12
"""Shown in detail: fewer than usual, which takes less time."""


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    """A grid of 240; a higher learning rate is better, a batch size makes a smaller difference."""
    made = made_entry()

    def entry(rate: int, size: int) -> Entry:
        settings = {"recipe.learning_rate": rate / 100, "recipe.batch_size": size}
        label = f"learning_rate={rate / 100:g}, batch_size={size}"
        runs = [0.5 + 0.02 * rate + 0.001 * size + 0.0001 * seed**2 for seed in range(3)]
        own = {
            "id": f"lenet5-{rate}-{size}",
            "label": label,
            "settings": made["settings"] | settings,
            "test_accuracy": fields_of(with_intervals(Accuracies.of(runs), 1000)),
        }
        return Entry(dict(made) | own)

    return relate_all(
        [entry(rate, 1 + size) for rate in range(1, RATES + 1) for size in range(SIZES)]
    )


@pytest.fixture(scope="module")
def report(entries: list[Entry], tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "MOST", DETAILED)
        return write_report(tmp_path_factory.mktemp("large"), entries).file


def data_of(report: Path, name: str) -> Any:
    text = report.read_text(encoding="utf-8")
    (found,) = re.findall(rf'<script type="application/json" id="{name}">(.*?)</script>', text)
    return json.loads(found)


def test_a_small_study_is_shown_as_a_whole(entries: list[Entry]) -> None:
    assert chosen(entries[:50]).places == tuple(range(50))
    assert chosen(entries[:50]).why == ""


def test_the_best_the_first_and_the_worst_are_among_those_that_are_shown(
    entries: list[Entry],
) -> None:
    places = chosen(entries).places
    ranked = sorted(range(len(entries)), key=lambda place: -mean_accuracy(entries[place]))
    assert len(places) == MOST == 50
    assert places == tuple(sorted(places))
    assert {0, *ranked[:25], ranked[-1]} <= set(places)
    of_rest = [ranked.index(place) for place in places if place not in (0, *ranked[:25])]
    assert max(b - a for a, b in zip(sorted(of_rest), sorted(of_rest)[1:], strict=False)) <= 10


@pytest.mark.parametrize("most", [1, 2, 3, 7])
def test_there_are_never_more_than_asked_for(entries: list[Entry], most: int) -> None:
    assert len(chosen(entries, most).places) == most


def test_configurations_without_a_run_are_listed_too(entries: list[Entry]) -> None:
    nothing = fields_of(Accuracies.of([]))
    begun = [entry.replace(n=0, seeds=[], test_accuracy=nothing) for entry in entries[60:]]
    assert len(chosen([*begun, *entries[:60]]).places) == 50


def test_every_configuration_has_a_row_and_some_have_details(
    report: Path, entries: list[Entry]
) -> None:
    rows = data_of(report, "data-configurations")["rows"]
    assert len(rows) == len(entries)
    for row, entry in zip(rows, entries, strict=True):
        assert row[2] == pytest.approx(100 * mean_accuracy(entry), abs=0.005)
    detailed = [row[-1] for row in rows if row[-1] is not None]
    assert sorted(detailed) == list(range(DETAILED))
    assert len(data_of(report, "page-data")["configurations"]) == DETAILED
    text = report.read_text(encoding="utf-8")
    assert text.count('<details class="configuration"') == DETAILED
    assert chosen(entries, DETAILED).why in text


def test_a_page_that_would_be_too_large_shows_fewer_in_detail(
    entries: list[Entry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, report: Path
) -> None:
    smaller = report.stat().st_size - 1000
    monkeypatch.setattr(writing, "MOST_BYTES", smaller)
    monkeypatch.setattr(writing, "MOST", DETAILED)
    file = write_report(tmp_path, entries).file
    assert file.stat().st_size <= smaller
    assert len(data_of(file, "page-data")["configurations"]) == DETAILED // 2
    assert len(data_of(file, "data-configurations")["rows"]) == len(entries)


def test_neighbors_of_many_levels_are_put_together(entries: list[Entry]) -> None:
    rate, size = factors_of(entries)
    assert len(rate.levels) == RATES
    few = coarse(rate)
    assert len(few.levels) == MOST_LEVELS
    assert [entry for level in few.levels for entry in level.entries] == rate.entries
    assert few.levels[0].text == "0.01"
    assert few.levels[-1].text == "0.14 to 0.15"
    assert len(coarse(size).levels) == MOST_LEVELS
    heat = two_settings_chart(entries, "learning_rate batch_size")
    assert heat is not None
    effects = effects_chart(entries)
    assert effects is not None
    assert effects.to_dict()["height"] == 20 * 2 * MOST_LEVELS


@pytest.mark.parametrize("width", [1440, 390])
def test_it_can_be_searched_and_sorted(open_page: OpenPage, report: Path, width: int) -> None:
    page = open_page(report, width=width)
    rows = page.locator("#all-configurations tbody tr")
    status = page.locator("#configurations-status")
    assert rows.count() == 20
    assert rows.first.inner_text().startswith("lr 0.15 · batch 16")
    assert status.inner_text() == "20 of 240 rows"
    page.click("#configurations-more")
    assert rows.count() == 70
    page.fill("#configurations-search", "lr 0.02 batch")
    assert rows.count() == 16
    page.click('[data-sort="2"]')
    assert rows.first.inner_text().startswith("lr 0.02 · batch 1")
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "ascending"
    page.fill("#configurations-search", "lr 0.15 · batch 16")
    rows.locator("a").click()
    page.wait_for_selector("#tables details[open] table")
    assert page.locator("#tables details[open]").count() == 1
    assert draw_all(page)
    assert sticking_out(page) == []
    assert accessibility_violations(page) == []
