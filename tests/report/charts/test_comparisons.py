"""Differences between configurations, as the table of comparisons has them."""

import numpy as np
import pytest

from drawn import numbers, parameters, rows, said, subtitle, svg
from made_entries import TEST, made_entries, made_entry
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.entry import Entry
from seedbed.evaluation.comparisons import with_comparisons
from seedbed.report.charts.comparisons import SURE, UNSURE, comparisons


def apart(runs: int) -> list[Entry]:
    """Return two configurations of which one is better with every seed."""
    found = []
    for label, above in (("worse", 0.0), ("better", 0.02)):
        values = tuple(0.9 + above + 0.001 * (seed % 3) * (1 + above) for seed in range(runs))
        accuracy = Accuracies.of(values).to_dict()
        found.append(made_entry(label, test_accuracy=accuracy, n=runs, seeds=list(range(runs))))
    return with_comparisons(found)


def test_values_are_those_of_the_summary() -> None:
    entries = made_entries("a", "b", "c")
    entries[1]["test_accuracy"] = Accuracies.of(tuple(each - 0.01 for each in TEST)).to_dict()
    entries = with_comparisons(entries)
    found = [each for entry in entries for each in entry["comparisons"]]
    drawn = rows(comparisons(entries), "difference")
    assert numbers(drawn, "difference") == pytest.approx(
        [100 * each["difference"] for each in found]
    )
    lows = [100 * each["interval"]["low"] for each in found]
    assert numbers(drawn, "low") == pytest.approx(lows)
    assert parameters(comparisons(entries))["rows"][0] == ["a", "− b"]


def test_only_what_the_corrected_test_finds_is_colored() -> None:
    assert [row["sure"] for row in rows(comparisons(apart(8)), "sure")] == [SURE]
    few = comparisons(apart(5))
    assert [row["sure"] for row in rows(few, "sure")] == [UNSURE]
    assert "n = 5 cannot reach p < 0.05" in subtitle(few)


def test_a_comparison_is_shown_with_both_of_its_configurations() -> None:
    chart = comparisons(made_entries("a", "b", "c"))
    picture = said(svg(chart, shown=["a", "c"]))
    assert "first: a; second: c" in picture
    assert "second: b" not in picture


def test_of_chosen_entries_only_comparisons_among_them() -> None:
    entries = made_entries("a", "b", "c")
    found = rows(comparisons([entries[0], entries[2]]), "difference")
    assert [(row["first"], row["second"]) for row in found] == [("a", "c")]


def test_one_configuration_has_none() -> None:
    assert comparisons([made_entry()]) is None
    other = made_entry(
        "other", test_fingerprint="another", test_accuracy=Accuracies.of((0.1,)).to_dict()
    )
    assert comparisons(with_comparisons([made_entry(), other])) is None


def test_the_intervals_hold_zero_where_nothing_differs() -> None:
    drawn = rows(comparisons(made_entries("a", "b")), "difference")
    assert np.allclose([float(drawn[0][key]) for key in ("low", "difference", "high")], 0)


def test_what_all_are_compared_with_is_named_once() -> None:
    entries = with_comparisons(made_entries("a", "b", "c"), baseline="c")
    assert parameters(comparisons(entries))["rows"] == [["a"], ["b"]]
    assert subtitle(comparisons(entries)).startswith("Each − c, paired by seed, n = 3 pairs.")
    assert subtitle(comparisons(made_entries("a", "b", "c"))).startswith("First − second, paired")
