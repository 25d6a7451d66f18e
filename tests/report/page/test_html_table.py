"""Tables as HTML: what heads what, and what is copied."""

import pytest

from made_entries import made_entries
from seedbed.analysis.subjects.accuracy.table import accuracy_table
from seedbed.analysis.subjects.pairs.table import pairs_table
from seedbed.display.table import Table
from seedbed.report.page import html_table
from seedbed.report.page.html_table import html_report
from seedbed.report.tables import as_csv, as_latex


def test_cells_know_what_they_are() -> None:
    table = html_table.html_table(
        Table("A caption", ("name", "kind", "n"), ((("a", "b", "1"),),), ("A note.",), text=(0, 1))
    )
    assert [(cell.text, cell.number) for cell in table.header] == [
        ("name", False),
        ("kind", False),
        ("n", True),
    ]
    ((row,),) = table.groups
    assert row.head is not None
    assert (row.head.text, row.head.rows) == ("a", 1)
    assert [(cell.text, cell.number) for cell in row.cells] == [("b", False), ("1", True)]
    assert (table.caption, table.notes) == ("A caption", ("A note.",))


def test_a_head_spans_the_rows_that_leave_it_empty() -> None:
    rows = (("a", "1"), ("", "2"), ("", "3"), ("b", "4"), ("", "5"))
    table = html_table.html_table(Table("", ("name", "n"), (rows,)))
    (group,) = table.groups
    assert [row.head and (row.head.text, row.head.rows) for row in group] == [
        ("a", 3),
        None,
        None,
        ("b", 2),
        None,
    ]
    assert [row.cells[0].text for row in group] == ["1", "2", "3", "4", "5"]


def test_empty_groups_are_left_out() -> None:
    assert html_table.html_table(Table("", ("name",), ((), (("a",),)))).groups[0][0].head
    assert html_table.html_table(Table("", ("name",), ((),))).groups == ()


def test_texts_cannot_drive_the_readers_eyes() -> None:
    table = html_table.html_table(Table("a\u202eb", ("c\x1b",), ((("d\u2066",),),), ("e\x07",)))
    assert table.caption == "a\\x202eb"
    assert table.header[0].text == "c\\x1b"
    assert table.groups[0][0].head
    assert table.groups[0][0].head.text == "d\\x2066"
    assert table.notes == ("e\\x07",)


def test_what_is_copied_is_what_the_command_line_writes() -> None:
    report = accuracy_table(made_entries("a", "b"))
    made = html_report(report)
    assert made.latex == as_latex(report)
    assert made.csv == as_csv(report)
    assert made.rows == 2


def test_csv_that_would_be_too_long_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    report = pairs_table(made_entries("a", "b"))
    assert html_report(report).csv
    assert html_report(report, csv=False).csv is None
    monkeypatch.setattr(html_table, "LONGEST_CSV", 100)
    assert html_report(report).csv is None
