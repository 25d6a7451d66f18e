"""The table of accuracy on corrupted images."""

import csv
from io import StringIO

import pytest

from made_entries import made_entries
from made_networks import made_robustness, made_size
from seedbed.analysis.subjects.robustness.table import robustness_table
from seedbed.report.renderers import csv as csv_text

RUNS = (0.5, 0.6, 0.7)


def test_a_column_for_each_network_that_was_asked() -> None:
    entries = [
        made_size("lenet5", 100, RUNS, robustness=made_robustness(0.5)),
        made_size("vit", 100, RUNS, robustness=made_robustness(0.1, runs=1)),
    ]
    report = robustness_table(entries)
    (table,) = report.tables
    assert table.header == ("corruption", "strength", "lenet5", "vit")
    assert table.groups[0] == (("none", "", "89.00 ± 1.00%", "90.00%"),)
    assert table.groups[1][0] == ("shift, pixels", "1", "88.50 ± 1.00%", "89.90%")
    assert sum(map(len, table.groups)) == 17
    lines = list(csv.DictReader(StringIO(csv_text.render(report))))
    assert len(lines) == 34
    assert (lines[1]["kind"], float(lines[1]["strength"]), lines[1]["n"]) == ("shift", 1, "3")
    assert float(lines[1]["test_accuracy"]) == pytest.approx(0.885)


def test_without_answers_there_are_dashes_and_a_note() -> None:
    report = robustness_table(made_entries("a", "b"))
    assert report.lines == ()
    (table,) = report.tables
    assert table.groups == ((("a", "–"), ("b", "–")),)
    assert "seedbed report" in table.notes[0]
