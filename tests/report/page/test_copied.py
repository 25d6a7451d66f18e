"""The tables of a section, and what the buttons below them copy."""

from made_entries import made_entries
from seedbed.analysis.subjects.accuracy.table import accuracy_table
from seedbed.analysis.subjects.pairs.table import pairs_table
from seedbed.report.page.copied import html_report
from seedbed.report.renderers import csv, latex


def test_what_is_copied_is_what_the_command_line_writes() -> None:
    report = accuracy_table(made_entries("a", "b"))
    made = html_report(report)
    assert made.latex == latex.render(report)
    assert made.csv == csv.render(report)
    assert made.rows == 2


def test_csv_that_would_be_too_long_is_left_out() -> None:
    report = pairs_table(made_entries("a", "b"))
    assert html_report(report).csv
    assert html_report(report, longest_csv=100).csv is None
