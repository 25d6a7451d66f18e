"""The reliability diagram."""

import pytest

from drawn import numbers, rows, subtitle, svg
from made_entries import made_entry
from seedbed.analysis.subjects.calibration.chart import OVER, UNDER
from seedbed.analysis.subjects.calibration.chart import chart as calibration


def test_bins_are_those_of_the_summary() -> None:
    entry = made_entry()
    bins = entry["calibration"]["bins"]
    kept = [place for place, images in enumerate(bins["images"]) if images]
    found = rows(calibration([entry]), "share")
    for key in ("confidence", "accuracy", "images"):
        assert numbers(found, key) == pytest.approx([bins[key][place] for place in kept])
    assert sum(numbers(found, "share")) == pytest.approx(1, abs=1e-6)
    assert 0 < len(found) < len(bins["images"])


def test_a_side_is_that_of_the_diagonal() -> None:
    for row in rows(calibration([made_entry()]), "side"):
        expected = OVER if float(row["confidence"]) > float(row["accuracy"]) else UNDER
        assert row["side"] == expected


def test_the_errors_stand_with_their_spread_and_n() -> None:
    entry = made_entry()
    found = entry["calibration"]
    expected = f"error {100 * found['ece']:.2f} ± {100 * found['ece_std']:.2f}% (15 bins)"
    assert expected in subtitle(calibration([entry]))
    assert f"score {found['brier']:.4f} ± {found['brier_std']:.4f}, n = 3 runs" in subtitle(
        calibration([entry])
    )
    assert "NaN" not in svg(calibration([entry]))


def test_without_runs_there_is_none() -> None:
    assert calibration([made_entry(runs=0, calibration=None)]) is None
