"""The other tables: that they show the numbers of the summary, and all of them in CSV."""

import csv
from io import StringIO

import pytest

from made_entries import made_entry
from seedbed.display.table import Report
from seedbed.report.contents.features import features
from seedbed.report.tables import CONTENTS, FORMATS


def text_of(report: Report) -> str:
    return FORMATS["text"](report)


def lines_of(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(FORMATS["csv"](report))))


@pytest.mark.parametrize("what", [each for each in CONTENTS if each != "comparisons"])
def test_a_configuration_without_a_finished_run_breaks_nothing(what: str) -> None:
    empty = made_entry("empty", runs=0)
    for key in ("confusion", "auc", "calibration", "top_pairs", "merged_pairs", "per_class"):
        empty[key] = None
    for entries in ([empty], [made_entry(), empty]):
        for write in FORMATS.values():
            assert write(CONTENTS[what](entries)).endswith("\n")


def test_features_say_how_clusters_and_classes_agree() -> None:
    report = features([made_entry("a"), made_entry("b", feature_space=None)])
    lines = text_of(report).splitlines()
    (row,) = (line for line in lines if line.startswith("a "))
    for said in ("0.817 ± 0.021", "0.863 ± 0.015", "72.5 %"):
        assert said in row
    (row,) = (line for line in lines if line.startswith("b "))
    assert row.split()[2:5] == ["–", "–", "–"]
    csv_lines = lines_of(report)
    runs = [(int(line["seed"]), float(line["adjusted_rand"])) for line in csv_lines]
    assert runs == [(0, 0.81), (1, 0.8), (2, 0.84)]
    assert csv_lines[0]["component_3"] == "0.125"


def test_features_that_are_not_known_say_how_to_get_them() -> None:
    assert "`seedbed report` asks" in text_of(features([made_entry(feature_space=None)]))
