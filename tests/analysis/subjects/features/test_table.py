"""The table of features."""

import csv
from io import StringIO

import pytest

from made_entries import made_entry
from seedbed.analysis.subjects.features.table import features_table
from seedbed.report.renderers import csv as csv_text
from seedbed.report.renderers import text


def test_features_say_how_clusters_and_classes_agree() -> None:
    report = features_table([made_entry("a"), made_entry("b", feature_space=None)])
    (note, *_) = report.tables[0].notes
    for said in ("10 to 20 times", "0.031", "In 1 of 3 runs"):
        assert said in note
    lines = text.render(report).splitlines()
    (row,) = (line for line in lines if line.startswith("a "))
    for said in ("0.817 ± 0.021", "0.863 ± 0.015", "72.5%"):
        assert said in row
    (row,) = (line for line in lines if line.startswith("b "))
    assert row.split()[2:5] == ["–", "–", "–"]
    (line,) = csv.DictReader(StringIO(csv_text.render(report)))
    assert (line["configuration"], line["n"]) == ("a", "3")
    assert float(line["adjusted_rand"]) == pytest.approx((0.81 + 0.8 + 0.84) / 3)
    assert line["component_3"] == "0.125"


def test_features_that_are_not_known_say_how_to_get_them() -> None:
    (table,) = features_table([made_entry(feature_space=None)]).tables
    assert "seedbed report" in table.notes[0]
