"""Tables as CSV, for spreadsheets."""

import csv
from io import StringIO

from seedbed.display.escape import spreadsheet
from seedbed.display.table import Report


def render(report: Report) -> str:
    """Return a line for each fact; accuracies are fractions from 0 to 1.

    Text that begins like a formula has an apostrophe before it; numbers stay as they are.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for line in (report.columns, *report.lines):
        writer.writerow([spreadsheet(cell) if isinstance(cell, str) else cell for cell in line])
    return text.getvalue()
