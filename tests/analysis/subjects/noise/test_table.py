"""The tables of label noise."""

import csv
from io import StringIO

from made_entries import made_entries, made_entry
from seedbed.analysis.subjects.noise.table import noise_table
from seedbed.display.table import Report
from seedbed.report.renderers.formats import FORMATS


def text_of(report: Report) -> str:
    return FORMATS["text"](report)


def lines_of(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(FORMATS["csv"](report))))


def test_it_has_the_configured_and_the_observed_noise() -> None:
    entry = made_entry()
    entry["noise"] |= {
        "kind": "symmetric",
        "rate": 0.4,
        "observed_rate": 0.3987,
        "observed_rate_std": 0.002,
        "matrix": [[0.6, 0.2, 0.2], [0.21, 0.58, 0.21], [0.2, 0.2, 0.6]],
        "memorized": {"mean": 0.1, "std": 0.01, "n": 3},
    }
    text = text_of(noise_table([entry]))
    assert "40.00%" in text
    assert "39.87 ± 0.20%" in text
    assert "10.00 ± 1.00%" in text
    assert "b              0.210  0.580  0.210" in text
    (line,) = lines_of(noise_table([entry]))
    assert float(line["observed_rate"]) == 0.3987
    assert (float(line["memorized"]), float(line["memorized_std"])) == (0.1, 0.01)
    assert float(line["test_accuracy_std"]) == entry["test_accuracy"]["std"]
    assert "observed transition" not in text_of(noise_table(made_entries("one", "other")))
