"""Memorized and recovered labels of all configurations, and estimated against observed matrices."""

import pytest

from drawn import numbers, rows, said, subtitle, svg
from made_entries import made_entries, made_entry
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.noise.estimation_chart import estimation_chart
from seedbed.analysis.subjects.noise.fitted_chart import fitted_chart


def fitted(*labels: str) -> list[Entry]:
    entries = made_entries(*labels)
    for number, entry in enumerate(entries):
        entry["curves"] |= {
            "memorized": [[0.1, 0.1 + 0.2 * number]] * 3,
            "recovered": [[0.8, 0.7 - 0.2 * number]] * 3,
        }
    return entries


def test_a_line_for_each_configuration() -> None:
    entries = fitted("plain", "robust")
    for measure, last in (("memorized", (0.1, 0.3)), ("recovered", (0.7, 0.5))):
        chart = fitted_chart(entries, measure)  # type: ignore[arg-type]
        values = numbers(rows(chart, "value"), "value")
        assert values[1::2] == pytest.approx([last[0]] * 3 + [last[1]] * 3)
        assert "robust" in said(svg(chart))


def test_one_configuration_has_another_chart_and_no_noise_has_none() -> None:
    assert fitted_chart(fitted("plain"), "memorized") is None
    assert fitted_chart(made_entries("plain", "robust"), "memorized") is None


def estimated() -> Entry:
    entry = made_entry()
    entry["noise"] = {
        **entry["noise"],
        "matrix": [[0.7, 0.3, 0.0], [0.1, 0.9, 0.0], [0.0, 0.0, 1.0]],
        "estimated_matrix": [[0.75, 0.25, 0.0], [0.1, 0.9, 0.0], [0.0, 0.0, 1.0]],
        "estimation_error": {"mean": 0.025, "std": None, "n": 1},
    }
    return entry


def test_a_dot_for_each_entry_of_the_matrices() -> None:
    chart = estimation_chart([estimated()])
    dots = rows(chart, "entry")
    assert numbers(dots, "observed") == [0.7, 0.3, 0, 0.1, 0.9, 0, 0, 0, 1]
    assert numbers(dots, "estimated") == [0.75, 0.25, 0, 0.1, 0.9, 0, 0, 0, 1]
    right = [number for number, dot in enumerate(dots) if dot["what"] == "label is right"]
    assert right == [0, 4, 8]
    assert dots[1]["entry"].endswith(": 30.00%, 25.00%")
    assert "0.0250" in subtitle(chart)
    assert "label is wrong" in said(svg(chart))
    assert estimation_chart([made_entry()]) is None
