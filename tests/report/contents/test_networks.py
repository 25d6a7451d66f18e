"""The tables that compare networks."""

import csv
from io import StringIO

from made_entries import made_entries
from made_networks import made_robustness, made_size, made_sizes
from seedbed.report.contents.robustness import robustness
from seedbed.report.contents.training_size import training_size
from seedbed.report.tables import as_csv, as_text

RUNS = (0.5, 0.6, 0.7)


def test_accuracies_and_tests_by_the_number_of_training_images() -> None:
    entries = made_sizes(lenet5={1900: RUNS, 100: (0.4, 0.3)}, vit={100: RUNS, 1900: RUNS})
    report = training_size(entries)
    accuracies, tests = report.tables
    assert [row[1:4] for row in accuracies.groups[0]] == [
        ("1,900", "3", "60.00 ± 10.00 %"),
        ("100", "2", "35.00 ± 7.07 %"),
        ("100", "3", "60.00 ± 10.00 %"),
        ("1,900", "3", "60.00 ± 10.00 %"),
    ]
    assert [row[:5] for group in tests.groups for row in group] == [
        ("100", "lenet5", "vit", "2", "-20.00"),
        ("1,900", "lenet5", "vit", "3", "+0.00"),
    ]
    assert "n = 2 cannot reach p < 0.05" in as_text(report)
    lines = list(csv.DictReader(StringIO(as_csv(report))))
    assert [line["training_images"] for line in lines] == ["1900", "100", "100", "1900"]


def test_a_study_of_one_size_has_no_tests_by_size() -> None:
    (table,) = training_size(made_entries("a", "b")).tables
    assert [row[1] for row in table.groups[0]] == ["60,000", "60,000"]


def test_a_column_for_each_network_that_was_asked() -> None:
    entries = [
        made_size("lenet5", 100, RUNS, robustness=made_robustness(0.5)),
        made_size("vit", 100, RUNS, robustness=made_robustness(0.1, runs=1)),
    ]
    report = robustness(entries)
    (table,) = report.tables
    assert table.header == ("corruption", "strength", "lenet5", "vit")
    assert table.groups[0] == (("none", "", "89.00 ± 1.00 %", "90.00 %"),)
    assert table.groups[1][0] == ("shift, pixels", "1", "88.50 ± 1.00 %", "89.90 %")
    assert sum(map(len, table.groups)) == 17
    lines = list(csv.DictReader(StringIO(as_csv(report))))
    assert len(lines) == 34
    assert (lines[1]["kind"], lines[1]["strength"], lines[1]["runs"]) == ("shift", "1", "3")


def test_what_has_not_been_asked_is_said() -> None:
    text = as_text(robustness(made_entries("a", "b")))
    assert "Nothing has been asked about altered images" in text
