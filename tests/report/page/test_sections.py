"""Sections of a page: every table and every chart has its place."""

import pytest

from made_entries import made_entries
from seedbed.report.charts.catalog import CHARTS
from seedbed.report.page import network_sections
from seedbed.report.page import sections as all_sections
from seedbed.report.page.sections import details, sections
from seedbed.report.tables import CONTENTS

NOT_ON_THE_PAGE = {"confusion", "roc-corner"}
"""The page has a matrix that keys and clicks reach, and a button for the corner."""

OF_NETWORKS = {"training-size", "robustness"}
"""In a section of their own, see ``test_page_networks``."""


def test_every_chart_has_its_place() -> None:
    placed = [
        name
        for names in (
            (*all_sections._result_charts(), "comparisons"),
            all_sections._CURVES,
            all_sections._NOISE,
            all_sections._LABELS,
            all_sections._SCORES,
            network_sections.COST,
            network_sections.SIZE,
            network_sections.ROBUSTNESS,
        )
        for name in names
    ]
    assert len(placed) == len(set(placed))
    assert set(placed) | NOT_ON_THE_PAGE == set(CHARTS)


def test_every_table_has_its_place() -> None:
    entries = made_entries("a", "b")
    entries[1]["noise"] = {**entries[1]["noise"], "kind": "pair", "rate": 0.2}
    found = sections(entries)
    copied = "".join(report.latex for section in found for report in section.reports)
    copied += "".join(report.latex for each in details(entries) for _, report in each.reports)
    for name, contents in CONTENTS.items():
        for table in contents(entries).tables if name not in OF_NETWORKS else ():
            assert table.header[-1].split()[0] in copied


def test_charts_of_one_configuration_are_there_for_each() -> None:
    (closer,) = (each for each in sections(made_entries("a", "b", "c")) if each.id == "closer")
    for chart in closer.singly:
        assert list(chart.specs) == ["0", "1", "2"]


def test_the_title_of_a_chart_is_said_by_the_page() -> None:
    (results,) = (each for each in sections(made_entries("a", "b")) if each.id == "results")
    chart = results.drawings[0]
    assert chart.title == "Test accuracy"
    assert "n = 3 runs" in chart.subtitle
    assert "title" not in chart.specs["all"]
    assert chart.specs["all"]["usermeta"] == {"title": chart.title, "subtitle": chart.subtitle}


def test_a_matrix_that_nobody_would_read_is_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = made_entries("a", "b")
    assert "Confusion matrix" in [title for title, _ in details(entries)[0].reports]
    monkeypatch.setattr(all_sections, "MOST_CLASSES_IN_TABLE", 2)
    assert "Confusion matrix" not in [title for title, _ in details(entries)[0].reports]


def test_a_single_configuration_does_not_repeat_itself() -> None:
    (detail,) = details(made_entries("a"))
    assert detail.settings == ()
    assert "Accuracy" not in [title for title, _ in detail.reports]
