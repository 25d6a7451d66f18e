"""The tables of accuracy by the number of training images."""

import csv
from io import StringIO

from made_entries import made_entries
from made_networks import made_sizes
from seedbed.analysis.subjects.comparisons.family import family_of
from seedbed.analysis.subjects.training_size.table import training_size_table
from seedbed.report.renderers import csv as csv_text
from seedbed.report.renderers import text

RUNS = (0.5, 0.6, 0.7)


def test_accuracies_and_tests_by_the_number_of_training_images() -> None:
    entries = made_sizes(lenet5={1900: RUNS, 100: (0.4, 0.3)}, vit={100: RUNS, 1900: RUNS})
    report = training_size_table(entries)
    accuracies, tests = report.tables
    assert [row[1:4] for row in accuracies.groups[0]] == [
        ("1,900", "3", "60.00 ± 10.00%"),
        ("100", "2", "35.00 ± 7.07%"),
        ("100", "3", "60.00 ± 10.00%"),
        ("1,900", "3", "60.00 ± 10.00%"),
    ]
    assert [row[:5] for group in tests.groups for row in group] == [
        ("100", "lenet5", "vit", "2", "-20.00"),
        ("1,900", "lenet5", "vit", "3", "+0.00"),
    ]
    assert "p, corrected" in text.render(report)
    assert any(f"over {family_of(entries).tests} tests" in note for note in tests.notes)
    lines = list(csv.DictReader(StringIO(csv_text.render(report))))
    assert [line["train_size"] for line in lines] == ["1900", "100", "100", "1900"]


def test_a_study_of_one_size_has_no_tests_by_size() -> None:
    (table,) = training_size_table(made_entries("a", "b")).tables
    assert [row[1] for row in table.groups[0]] == ["60,000", "60,000"]
