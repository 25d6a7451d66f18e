"""Tables as CSV, for spreadsheets."""

import csv
from io import StringIO

from seedbed.display.escape import printable
from seedbed.display.table import Report


def render(report: Report) -> str:
    """Return a line for each fact; accuracies are fractions from 0 to 1."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(report.columns)
    for line in report.lines:
        writer.writerow([printable(cell) if isinstance(cell, str) else cell for cell in line])
    return text.getvalue()
