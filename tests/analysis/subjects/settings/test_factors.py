"""The factors of a grid, and the means over their levels, against a small grid by hand."""

import csv
from io import StringIO
from itertools import product
from statistics import fmean
from typing import Any

import pytest

from made_entries import made_entry
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.entry import Entry, fields_of
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.settings.charts import (
    effects_chart,
    pairs_of,
    setting_chart,
    two_settings_chart,
)
from seedbed.analysis.subjects.settings.factors import grid_factors
from seedbed.display.charts.style import Drawing

RATES, SIZES = (0.1, 0.01, 0.001), (32, 128)
ACCURACIES = (0.5, 0.52, 0.61, 0.67, 0.7, 0.83)
"""Of the first run of each."""


def grid(**extra: Any) -> list[Entry]:
    return [
        made_entry(f"rate={rate}, size={size}")
        | {
            "settings": {"recipe.learning_rate": rate, "recipe.batch_size": size, **extra},
            "test_accuracy": fields_of(Accuracies.of((accuracy, accuracy + 0.02))),
            "seeds": [0, 1],
            "n": 2,
        }
        for accuracy, (rate, size) in zip(ACCURACIES, product(RATES, SIZES), strict=True)
    ]


def rows_of(chart: Drawing, column: str) -> list[dict[str, str]]:
    """Return the rows of the data of a chart that have a column."""
    texts = chart.to_dict(validate=False)["datasets"].values()
    tables = [list(csv.DictReader(StringIO(text))) for text in texts]
    return next(table for table in tables if column in table[0])


def test_levels_of_numbers_are_in_order_and_each_has_its_configurations() -> None:
    entries = grid()
    rate, size = grid_factors(entries)
    assert [level.value for level in rate.levels] == sorted(RATES)
    assert [len(level.entries) for level in rate.levels] == [2, 2, 2]
    assert [len(level.entries) for level in size.levels] == [3, 3]
    assert rate.logarithmic
    assert not size.logarithmic


def test_without_every_combination_there_are_no_factors() -> None:
    entries = grid()
    assert grid_factors(entries[:-1]) == []
    assert effects_chart(entries[:-1]) is None


def test_a_setting_that_only_some_schedules_have_is_no_factor() -> None:
    entries = grid()
    entries[0] = entries[0] | {"settings": entries[0]["settings"] | {"recipe.warmup_epochs": 0}}
    assert len(grid_factors(entries)) == 2


def test_the_mean_of_a_level_is_that_of_its_configurations() -> None:
    entries = grid()
    chart = effects_chart(entries)
    assert chart is not None
    means = {row["row"]: float(row["mean"]) for row in rows_of(chart, "k")}
    for place, rate in enumerate(RATES):
        own = [accuracy_of(entry).test_accuracy.mean or 0 for entry in entries[2 * place :][:2]]
        assert means[f"learning rate {rate:g}"] == pytest.approx(fmean(own), abs=1e-6)


def test_two_settings_have_a_cell_for_every_two_levels() -> None:
    entries = grid()
    (pair,) = pairs_of(entries)
    chart = two_settings_chart(entries, pair)
    assert chart is not None
    cells = rows_of(chart, "row")
    means = {(row["row"], row["column"]): float(row["mean"]) for row in cells}
    expected = {
        (str(size), f"{rate:g}"): accuracy + 0.01
        for accuracy, (rate, size) in zip(ACCURACIES, product(RATES, SIZES), strict=True)
    }
    assert means == pytest.approx(expected, abs=1e-6)
    assert setting_chart(entries, "momentum") is None


def test_a_cell_is_the_mean_over_the_other_settings() -> None:
    sizes = [
        entry | {"label": f"{entry.header.label}, decay={decay}", "settings": settings}
        for entry, decay in product(grid(), (0.0, 0.1))
        for settings in [entry["settings"] | {"recipe.weight_decay": decay}]
    ]
    for entry, gain in zip(sizes, (0.0, 0.1) * 6, strict=True):
        runs = [run + gain for run in entry["test_accuracy"]["runs"]]
        entry["test_accuracy"] = fields_of(Accuracies.of(runs))
    chart = two_settings_chart(sizes, "learning_rate batch_size")
    assert chart is not None
    cells = rows_of(chart, "row")
    assert {row["k"] for row in cells} == {"2"}
    assert sorted(float(row["mean"]) for row in cells) == pytest.approx(
        [accuracy + 0.01 + 0.05 for accuracy in ACCURACIES], abs=1e-6
    )
