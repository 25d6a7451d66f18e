"""The table of calibration."""

from made_entries import made_entry
from seedbed.analysis.subjects.calibration.table import calibration_table
from tables import lines_of


def test_ece_and_brier_score_of_each_configuration() -> None:
    entry = made_entry()
    ece, std = entry["calibration"]["ece"], entry["calibration"]["ece_std"]
    report = calibration_table([entry, made_entry("empty", runs=0, calibration=None)])
    (rows,) = report.tables[0].groups
    assert rows[0][2] == f"{100 * ece:.2f} ± {100 * std:.2f}%"
    assert rows[1] == ("empty", "0", "–", "–", "–")
    measures = {line["measure"]: float(line["mean"]) for line in lines_of(report)}
    assert measures == {
        "ece": ece,
        "ece debiased": entry["calibration"]["ece_debiased"],
        "brier": entry["calibration"]["brier"],
    }
