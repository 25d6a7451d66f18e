"""Every chart of the catalog, of every kind of study that there is."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import vl_convert

import summaries
from drawn import specification
from made_entries import made_entries, made_entry
from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import charts
from seedbed.display.charts.style import for_paper

Entries = list[Entry]

PER_CONFIGURATION = {
    "confusion",
    "roc",
    "roc-corner",
    "calibration",
    "memorization",
    "transition",
    "observed-transition",
    "estimated-transition",
    "transition-estimation",
    "variance",
}

OF_SETTINGS = {"accuracy-by-setting", "accuracy-by-two-settings", "setting-effects"}
"""Of a full grid; what they show is the mean over configurations."""

STUDIES: dict[str, Callable[[Path], Path]] = {
    "noisy": summaries.noisy,
    "hostile": summaries.hostile,
    "one class": summaries.one_class,
    "many classes": summaries.many_classes,
    "single run": summaries.single_run,
    "diverged": summaries.diverged,
    "unfinished": summaries.unfinished,
    "outside": summaries.outside,
}


def drawings(entries: Entries) -> dict[str, list[Any]]:
    """Return what there is to draw, by the chart's name."""
    found = {}
    for name, chart in charts().items():
        groups = [[each] for each in entries] if chart.per_configuration else [entries]
        found[name] = [drawing for group in groups for _, drawing in chart.drawings(group)]
    return found


def test_the_catalog_says_what_a_chart_shows() -> None:
    assert {
        name for name, chart in charts().items() if chart.per_configuration
    } == PER_CONFIGURATION
    for chart in charts().values():
        assert chart.description.endswith(".")
        assert not chart.title.endswith(".")
    assert len({chart.title for chart in charts().values()}) == len(charts())


@pytest.mark.parametrize("kind", STUDIES)
def test_every_chart_of_every_study_is_valid(kind: str, tmp_path: Path) -> None:
    entries = summaries.entries_of(STUDIES[kind](tmp_path))
    found = drawings(entries)
    assert found["accuracy"]
    assert found["calibration"]
    assert bool(found["confusion"]) == (kind != "one class")
    assert bool(found["accuracy-curves"]) == (kind != "outside")
    assert bool(found["noise-response"]) == (kind == "noisy")
    for drawn in found.values():
        for each in drawn[:1]:
            specification(each)
            compiled = vl_convert.vegalite_to_vega(for_paper(each))
            assert "url" not in str(compiled["data"])


def test_all_charts_of_a_noisy_study_are_there(tmp_path: Path) -> None:
    found = drawings(summaries.entries_of(summaries.noisy(tmp_path)))
    missing = {name for name, drawn in found.items() if not drawn}
    estimated = {"estimated-transition", "transition-estimation"}
    costs = {"parameters", "multiply-adds", "training-time", "weight-file"}
    networks = {"training-size", *(name for name in charts() if name.startswith("robustness-"))}
    others = {"roc-corner", "variance", *estimated}  # of other studies
    assert missing <= {*others, *costs, *networks, *OF_SETTINGS}


def test_charts_of_several_configurations_can_be_filtered() -> None:
    for name, drawn in drawings(made_entries("a", "b", "c")).items():
        if not charts()[name].per_configuration and name not in {*OF_SETTINGS, "learning-rate"}:
            for each in drawn:
                names = [parameter["name"] for parameter in specification(each)["params"]]
                assert "shown" in names, name


@pytest.mark.parametrize("entry", [made_entry(runs=0), made_entry(runs=0, noise=None, cost=None)])
def test_without_a_finished_run_there_is_nothing_to_draw(entry: Entry) -> None:
    for key in ("confusion", "roc_curves", "calibration", "auc", "class_names"):
        entry[key] = None
    assert not any(drawings([entry]).values())


def test_drawing_changes_no_chart_that_was_drawn_before() -> None:
    first, second = made_entries("first", "second")
    for name in PER_CONFIGURATION:
        before = charts()[name].draw([first])
        if before is None:
            continue
        kept = specification(before)
        charts()[name].draw([second])
        assert specification(before) == kept
