"""The other tables: that they show the numbers of the summary, and all of them in CSV."""

import csv
from io import StringIO

import pytest

from made_entries import made_entries, made_entry
from seedbed.display.table import Report
from seedbed.report.contents.cost import cost
from seedbed.report.contents.features import features
from seedbed.report.contents.noise import noise
from seedbed.report.tables import CONTENTS, FORMATS


def text_of(report: Report) -> str:
    return FORMATS["text"](report)


def lines_of(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(FORMATS["csv"](report))))


def test_noise_says_what_was_asked_for_and_what_was_drawn() -> None:
    entry = made_entry()
    entry["noise"] |= {
        "kind": "symmetric",
        "rate": 0.4,
        "observed_rate": 0.3987,
        "observed_rate_std": 0.002,
        "matrix": [[0.6, 0.2, 0.2], [0.21, 0.58, 0.21], [0.2, 0.2, 0.6]],
        "memorized": {"mean": 0.1, "std": 0.01, "n": 3},
    }
    text = text_of(noise([entry]))
    assert "40.00 %" in text
    assert "39.87 ± 0.20 %" in text
    assert "10.00 ± 1.00 %" in text
    assert "b              0.210  0.580  0.210" in text
    (line,) = lines_of(noise([entry]))
    assert float(line["observed_rate"]) == 0.3987
    assert (float(line["memorized"]), float(line["memorized_std"])) == (0.1, 0.01)
    assert float(line["test_accuracy_std"]) == entry["test_accuracy"]["std"]
    assert "observed transition" not in text_of(noise(made_entries("one", "other")))


def test_cost() -> None:
    text = text_of(cost([made_entry()]))
    for shown in ("61,706", "416,520", "247.5", "12.3 ± 0.5", "37.0"):
        assert shown in text
    (line,) = lines_of(cost([made_entry()]))
    assert line["weight_bytes"] == "246824"


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
