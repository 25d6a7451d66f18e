"""The table of cost."""

import csv
from io import StringIO

from made_entries import made_entry
from seedbed.analysis.subjects.cost.table import cost_table
from seedbed.display.table import Report
from seedbed.report.renderers.formats import FORMATS


def text_of(report: Report) -> str:
    return FORMATS["text"](report)


def lines_of(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(FORMATS["csv"](report))))


def test_it_has_every_cost() -> None:
    text = text_of(cost_table([made_entry()]))
    for shown in ("61,706", "416,520", "247.5", "12.3 ± 0.5", "37.0"):
        assert shown in text
    (line,) = lines_of(cost_table([made_entry()]))
    assert line["weight_bytes"] == "246824"
