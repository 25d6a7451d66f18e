"""The table of comparisons."""

import csv
from io import StringIO

import pytest

from made_entries import made_entries, made_entry
from seedbed.analysis.aggregate import Accuracies
from seedbed.analysis.entry import Entry, fields_of
from seedbed.analysis.registry import relate_all
from seedbed.analysis.subjects.comparisons import compared
from seedbed.analysis.subjects.comparisons.table import comparisons_table
from seedbed.core.errors import DataError, SeedbedError, StudyError
from seedbed.report.renderers.formats import FORMATS
from sentences import Sentence


def test_a_row_has_difference_interval_and_p_values(sentence: Sentence) -> None:
    better = fields_of(Accuracies.of((0.995, 0.994, 0.996)))
    entries = relate_all([made_entry("a", test_accuracy=better), made_entry("b")])
    report = comparisons_table(entries)
    text = FORMATS["text"](report)
    assert report.tables[0].groups[0][0][:3] == ("a", "b", "3")
    assert "+0.34" in text
    assert "0.2500" in text  # the sign-flip test of three pairs
    assert "1.00" in text
    assert "1 tests" not in text
    sentence("\n".join(report.tables[0].notes))
    (row,) = csv.DictReader(StringIO(FORMATS["csv"](report)))
    assert float(row["difference"]) == pytest.approx((0.0032 + 0.004 + 0.0029) / 3, abs=1e-12)
    assert float(row["low"]) < float(row["difference"]) < float(row["high"])


@pytest.mark.parametrize(
    ("entries", "error_type"),
    [
        ([made_entry()], StudyError),
        ([made_entry(settings=None)], StudyError),
        (relate_all([made_entry("a"), made_entry("b", test_fingerprint="digits'")]), DataError),
    ],
    ids=["one", "one-external", "two-test-sets"],
)
def test_what_cannot_be_compared(
    entries: list[Entry], error_type: type[SeedbedError], sentence: Sentence
) -> None:
    with pytest.raises(error_type) as error:
        comparisons_table(entries)
    sentence(error.value)


def test_several_datasets_are_compared_each_for_itself() -> None:
    entries = relate_all(
        [*made_entries("a", "b"), made_entry("c", test_fingerprint="digits'", dataset="digits")]
    )
    (table,) = comparisons_table(entries).tables
    assert "Configurations with different test images are not compared." in table.notes
    assert [row[:2] for row in table.groups[0]] == [("a", "b")]


def test_a_part_of_a_study_has_the_comparisons_within_it() -> None:
    """As on the page of a study of more configurations than it shows in detail."""
    entries = relate_all([made_entry(label) for label in ("first", "second", "third")])
    (table,) = comparisons_table([entries[0], entries[2]]).tables
    assert [row[:2] for row in table.groups[0]] == [("first", "third")]


def test_only_comparisons_of_what_is_shown_are_rows_and_the_others_are_counted() -> None:
    entries = relate_all(made_entries("a", "b", "c"))
    (table,) = comparisons_table(entries[:2]).tables
    assert [row[:2] for row in table.groups[0]] == [("a", "b")]
    assert "2 comparisons with configurations that are not shown here." in table.notes
    assert not any("not shown" in note for note in comparisons_table(entries).tables[0].notes)


def test_a_margin_has_a_column_of_equivalence(sentence: Sentence) -> None:
    close = fields_of(Accuracies.of((0.992, 0.991, 0.9933)))
    entries = relate_all([made_entry("a", test_accuracy=close), made_entry("b")])
    without = comparisons_table(entries)
    assert "equivalent" not in without.tables[0].header
    report = comparisons_table(compared(entries, margin=0.02))
    (row,) = report.tables[0].groups[0]
    assert row[-1].startswith("yes (p = ")
    sentence(report.tables[0].notes[-1])
    (values,) = csv.DictReader(StringIO(FORMATS["csv"](report)))
    assert (float(values["margin"]), float(values["p_equivalence"]) < 0.05) == (0.02, True)
    (row,) = comparisons_table(compared(entries, margin=0.0001)).tables[0].groups[0]
    assert row[-1].startswith("not shown (p = ")
