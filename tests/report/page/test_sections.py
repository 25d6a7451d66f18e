"""Sections of a page: every table and every chart has its place, and analyses say which."""

from typing import Any

import pytest

from made_entries import made_entries, made_entry
from made_networks import made_robustness, made_sizes
from seedbed.analysis import registry
from seedbed.analysis.base import Analysis, TableView
from seedbed.analysis.part import PageMaterial, PagePart
from seedbed.analysis.registry import analyses
from seedbed.analysis.subjects import confusion
from seedbed.analysis.subjects.accuracy.table import accuracy_table
from seedbed.report.page.blocks import parts_of
from seedbed.report.page.details import details
from seedbed.report.page.sections import Section, sections

NOT_ON_THE_PAGE = {"confusion", "accuracy-by-setting"}
"""The page has a matrix that keys and clicks reach, and heat maps of two settings."""
RUNS = (0.5, 0.6, 0.7)


def sections_of(*entries: Any) -> dict[str, Section]:
    return {each.id: each for each in sections(analyses(), PageMaterial(entries))}


def blocks_of(section: Section) -> dict[str, list[str]]:
    """Return the charts of each part."""
    return {
        block.name: [chart.name for chart in (*block.drawings, *block.singly)]
        for block in section.blocks
    }


def test_every_chart_has_its_place() -> None:
    placed = [
        name
        for analysis in analyses()
        for part in parts_of(analysis)
        for name in (analysis.charts if part.charts is None else part.charts)
    ]
    assert len(placed) == len(set(placed))
    assert set(placed) | NOT_ON_THE_PAGE == set(registry.charts())


def test_every_table_has_its_place() -> None:
    placed = {
        name
        for analysis in analyses()
        for part in parts_of(analysis)
        for name in (analysis.tables if part.tables is None else part.tables)
    }
    placed |= {name for name, table in registry.tables().items() if table.detail}
    assert placed | {"comparisons-over-blocks", "fall-differences"} == set(registry.tables())
    # These stand in other tables.
    assert not placed & {"comparisons-over-blocks", "fall-differences"}


def test_an_analysis_that_says_nothing_shows_its_tables_under_its_topic() -> None:
    plain: Analysis[Any] = Analysis(
        "plain", topic="cost", tables={"plain": TableView("Plain", accuracy_table)}
    )
    (cost, *_) = sections([plain], PageMaterial(made_entries("a", "b")))
    (block,) = cost.blocks
    assert (cost.id, block.name, len(block.reports), block.title) == ("cost", "plain", 1, "")


def test_topics_come_in_their_order_and_parts_by_their_rank() -> None:
    def analysis(name: str, rank: int) -> Analysis[Any]:
        return Analysis(
            name,
            topic="errors",
            tables={name: TableView(name, accuracy_table)},
            parts=(PagePart(title=name), PagePart(name=f"{name}-last", rank=90)),
            rank=rank,
        )

    found = sections([analysis("b", 20), analysis("a", 10)], PageMaterial(made_entries("x", "y")))
    assert [each.id for each in found] == ["errors", "tables", "setup", "reproduce"]
    assert list(blocks_of(found[0])) == ["a", "b", "b-last", "a-last"]
    assert found[0].contents == (("a", "a"), ("b", "b"))


def test_charts_of_one_configuration_are_there_for_each_and_can_be_chosen() -> None:
    entries = made_entries("a", "b", "c")
    errors = sections_of(*entries)["errors"]
    for block in errors.blocks:
        for chart in block.singly:
            assert list(chart.specs) == ["0", "1", "2"]
    assert errors.choices == ((0, "a"), (1, "b"), (2, "c"))
    assert [each.name for each in errors.blocks if each.chooses] == ["confusion"]
    best = max(range(3), key=lambda place: entries[place]["test_accuracy"]["mean"])
    assert errors.first == best


def test_a_single_configuration_has_nothing_to_choose() -> None:
    errors = sections_of(made_entry())["errors"]
    assert not any(each.chooses for each in errors.blocks)
    assert errors.first == 0


def test_the_charts_of_noise_begin_with_the_most() -> None:
    made = made_entries("0.2", "0.6", "0.4", "0")
    for each in made:
        noise = {
            "rate": float(each["label"]),
            "kind": "symmetric" if each["label"] != "0" else "none",
        }
        each["noise"] = {**each["noise"], **noise, "observed_rate": noise["rate"]}
    noise_section = sections_of(*made)["noise"]
    assert noise_section.first == 1
    assert "noise" not in sections_of(*made_entries("a", "b"))


def test_parts_of_half_the_width_stand_beside_each_other() -> None:
    rows = sections_of(*made_entries("a", "b"))["errors"].rows
    assert [[each.name for each in row] for row in rows if len(row) > 1] == [["roc", "calibration"]]


def test_the_title_of_a_chart_is_said_by_the_page() -> None:
    block = sections_of(*made_entries("a", "b"))["results"].blocks[0]
    chart = block.drawings[0]
    assert chart.title == "Test accuracy"
    assert "n = 3 runs" in chart.subtitle
    assert "title" not in chart.specs["all"]
    assert chart.specs["all"]["usermeta"] == {"title": chart.title, "subtitle": chart.subtitle}


def test_a_study_of_one_network_has_nothing_to_say_of_networks() -> None:
    ids = list(sections_of(*made_entries("a", "b")))
    assert "cost" in ids
    assert "networks" not in ids


def test_networks_have_sizes_robustness_and_images_in_one_section() -> None:
    entries = made_sizes(lenet5={100: RUNS, 900: RUNS}, vit={100: RUNS, 900: RUNS})
    for each in (entries[1], entries[3]):
        each["robustness"] = made_robustness(0.5)
    found = sections_of(*entries)
    kinds = ("shift", "rotation", "noise", "blur")
    assert blocks_of(found["networks"]) == {
        "training-size": ["training-size"],
        "robustness": [f"robustness-{kind}" for kind in kinds],
        "only-right": [],
    }
    ids = list(found)
    assert ids.index("comparisons") + 1 == ids.index("networks")


def test_what_is_not_known_of_networks_is_left_out() -> None:
    found = sections_of(*made_sizes(lenet5={100: RUNS}, vit={100: RUNS}))
    assert list(blocks_of(found["networks"])) == ["only-right"]


def test_a_matrix_that_nobody_would_read_is_no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = made_entries("a", "b")

    def titles() -> list[str]:
        return [title for title, _ in details(analyses(), entries)[0].reports]

    assert "Confusion matrix" in titles()
    monkeypatch.setattr(confusion, "MOST_CLASSES_IN_TABLE", 2)
    assert "Confusion matrix" not in titles()


def test_a_single_configuration_does_not_repeat_itself() -> None:
    entries = made_entries("a")
    (detail,) = details(analyses(), entries, shown={"accuracy", "checkpoints"})
    assert detail.settings == ()
    assert "Accuracy" not in [title for title, _ in detail.reports]
    (repeated,) = details(analyses(), entries)
    assert "Accuracy" in [title for title, _ in repeated.reports]
