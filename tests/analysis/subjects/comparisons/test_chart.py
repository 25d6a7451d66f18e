"""Differences between configurations, as the table of comparisons has them."""

import pytest

from drawn import numbers, parameters, rows, said, subtitle, svg
from made_entries import TEST, made_entries, made_entry
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.entry import Entry, fields_of
from seedbed.analysis.registry import relate_all
from seedbed.analysis.subjects.comparisons import compared
from seedbed.analysis.subjects.comparisons.chart import (
    NOT_SIGNIFICANT,
    SIGNIFICANT,
    comparisons_chart,
)


def apart(runs: int) -> list[Entry]:
    """Return two configurations of which one is better with every seed."""
    found = []
    for label, above in (("worse", 0.0), ("better", 0.02)):
        values = tuple(0.9 + above + 0.001 * (seed % 3) * (1 + above) for seed in range(runs))
        accuracy = fields_of(Accuracies.of(values))
        found.append(made_entry(label, test_accuracy=accuracy, n=runs, seeds=list(range(runs))))
    return relate_all(found)


def test_values_are_those_of_the_summary() -> None:
    entries = made_entries("a", "b", "c")
    entries[1]["test_accuracy"] = fields_of(Accuracies.of(tuple(each - 0.01 for each in TEST)))
    entries = relate_all(entries)
    found = [each for entry in entries for each in entry["comparisons"]]
    drawn = rows(comparisons_chart(entries), "difference")
    assert numbers(drawn, "difference") == pytest.approx(
        [100 * each["difference"] for each in found]
    )
    lows = [100 * each["interval"][0] for each in found]
    assert numbers(drawn, "low") == pytest.approx(lows)
    assert parameters(comparisons_chart(entries))["rows"][0] == ["a", "− b"]


def test_only_what_the_corrected_test_finds_is_colored() -> None:
    assert [row["significant"] for row in rows(comparisons_chart(apart(8)), "significant")] == [
        SIGNIFICANT
    ]
    equal = comparisons_chart(made_entries("a", "b"))
    assert [row["significant"] for row in rows(equal, "significant")] == [NOT_SIGNIFICANT]


def test_a_comparison_is_shown_with_both_of_its_configurations() -> None:
    chart = comparisons_chart(made_entries("a", "b", "c"))
    picture = said(svg(chart, shown=["a", "c"]))
    assert "A: a; B: c" in picture
    assert "B: b" not in picture


def test_of_chosen_entries_only_comparisons_among_them() -> None:
    entries = made_entries("a", "b", "c")
    found = rows(comparisons_chart([entries[0], entries[2]]), "difference")
    assert [(row["a"], row["b"]) for row in found] == [("a", "c")]


def test_one_configuration_has_none() -> None:
    assert comparisons_chart([made_entry()]) is None
    other = made_entry(
        "other", test_fingerprint="another", test_accuracy=fields_of(Accuracies.of((0.1,)))
    )
    assert comparisons_chart(relate_all([made_entry(), other])) is None


def test_the_intervals_hold_zero_where_nothing_differs() -> None:
    drawn = rows(comparisons_chart(made_entries("a", "b")), "difference")
    low, difference, high = (float(drawn[0][key]) for key in ("low", "difference", "high"))
    assert difference == 0
    assert low == -high < 0


def test_what_all_are_compared_with_is_named_once() -> None:
    entries = compared(made_entries("a", "b", "c"), baseline="c")
    assert parameters(comparisons_chart(entries))["rows"] == [["a"], ["b"]]
    assert subtitle(comparisons_chart(entries)).startswith("Each − c, paired by seed, n = 3 pairs.")
    assert subtitle(comparisons_chart(made_entries("a", "b", "c"))).startswith("A − B, paired")
