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
    (line,) = lines_of(report)
    for column in ("ece", "ece_std", "ece_debiased", "ece_debiased_std", "brier", "brier_std"):
        assert float(line[column]) == entry["calibration"][column]
