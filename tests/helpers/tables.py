"""Tables as people and spreadsheets read them, for tests."""

import csv
from io import StringIO

from seedbed.display.table import Report
from seedbed.report.renderers.formats import FORMATS


def text_of(report: Report) -> str:
    return FORMATS["text"](report)


def lines_of(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(FORMATS["csv"](report))))
