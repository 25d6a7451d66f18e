"""Accuracy against cost, where costs differ."""

import re
from typing import Any

import pytest

from drawn import numbers, rows, said, specification, svg
from made_entries import made_entry
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.cost import ANALYSIS

training_time, parameters, multiply_adds, weight_file = (
    ANALYSIS.charts[name].draw
    for name in ("training-time", "parameters", "multiply-adds", "weight-file")
)


def costing(label: str, **cost: Any) -> Entry:
    found = made_entry(label)
    found["cost"] = {**found["cost"], **cost}
    return found


def test_seconds_with_their_spread() -> None:
    entries = [costing("quick", seconds=5.0, seconds_std=0.5), costing("slow", seconds=10.0)]
    chart = training_time(entries)
    found = rows(chart, "cost")
    assert numbers(found, "cost") == [5, 10]
    assert numbers(found, "cost_std") == [0.5, 0.5]
    assert numbers(found, "mean") == pytest.approx(
        [each["test_accuracy"]["mean"] for each in entries]
    )
    assert "training time of a run (s), mean ± std: 5.0 ± 0.5" in said(svg(chart))
    assert "configuration: slow" not in said(svg(chart, shown=["quick"]))


def test_costs_that_are_the_same_are_not_drawn() -> None:
    entries = [costing("a", seconds=10.0), costing("b", seconds=10.2)]
    assert training_time(entries) is None
    assert parameters(entries) is None
    assert multiply_adds([made_entry()]) is None
    assert training_time([made_entry(cost=None), made_entry("b", runs=0)]) is None


def test_sizes_of_several_orders_are_drawn_logarithmically() -> None:
    sizes = [costing("small", parameters=1_000), costing("large", parameters=1_000_000)]
    x = specification(parameters(sizes))["layer"][-1]["encoding"]["x"]
    assert x["scale"]["type"] == "log"
    assert "parameters: 1,000,000" in said(svg(parameters(sizes)))


def test_the_front_is_what_nothing_beats() -> None:
    entries = [
        costing("small", parameters=1_000),
        costing("wasteful", parameters=900_000),
        costing("large", parameters=1_000_000),
    ]
    for each, mean in zip(entries, (0.9, 0.89, 0.95), strict=True):
        each["test_accuracy"] = {**each["test_accuracy"], "mean": mean}
    found = rows(parameters(entries), "front")
    assert [row["front"] for row in found] == ["yes", "no", "yes"]
    picture = said(svg(parameters(entries)))
    assert "on the Pareto front: no" in picture


def test_other_test_images_have_a_front_of_their_own() -> None:
    entries = [costing("easy", parameters=1_000), costing("hard", parameters=9_000)]
    for each, mean in zip(entries, (0.9, 0.5), strict=True):
        each["test_accuracy"] = {**each["test_accuracy"], "mean": mean}
    entries[1]["test_fingerprint"] = "hard"
    found = rows(parameters(entries), "front")
    assert [row["front"] for row in found] == ["yes", "yes"]
    line = specification(parameters(entries))["layer"][0]
    assert line["encoding"]["detail"]["field"] == "test_fingerprint"


def test_no_accuracy_above_one_hundred_percent_has_a_place() -> None:
    entries = [costing("small", parameters=10), costing("large", parameters=50)]
    entries[1]["test_accuracy"]["interval"] = [0.7, 0.999]
    assert max(map(int, re.findall(r">(\d+)</text>", svg(parameters(entries))))) == 100


def test_the_weight_file_and_the_interval_of_the_mean() -> None:
    entries = [costing("a", weight_file_bytes=1_000), costing("b", weight_file_bytes=5_000)]
    found = rows(weight_file(entries), "cost")
    assert numbers(found, "cost") == [1000, 5000]
    interval = entries[0]["test_accuracy"]["interval"]
    assert numbers(found, "low")[0] == pytest.approx(interval[0])
    assert numbers(found, "high")[0] == pytest.approx(interval[1])
