"""What becomes of wrong labels."""

from drawn import numbers, rows, said, svg
from made_entries import made_entry
from seedbed.report.charts.memorization import memorization


def test_both_fractions_over_the_epochs() -> None:
    memorized, recovered = [[0.1, 0.3]] * 3, [[0.8, 0.6], [0.8, 0.5], [0.8, 0.7]]
    entry = made_entry()
    entry["curves"] |= {"memorized": memorized, "recovered": recovered}
    chart = memorization([entry])
    expected = [value for run in memorized + recovered for value in run]
    assert numbers(rows(chart, "value"), "value") == expected
    picture = said(svg(chart))
    assert "of: seen through; epoch: 2; of the wrong labels, mean ± std: 60.00 ± 10.00 %" in picture


def test_without_noise_there_is_nothing_to_memorize() -> None:
    assert memorization([made_entry()]) is None
    assert memorization([made_entry(curves=None)]) is None
