"""What becomes of wrong labels."""

from drawn import numbers, rows, said, svg
from made_entries import made_entry
from seedbed.report.charts.memorisation import memorisation


def test_both_fractions_over_the_epochs() -> None:
    memorised, seen_through = [[0.1, 0.3]] * 3, [[0.8, 0.6], [0.8, 0.5], [0.8, 0.7]]
    entry = made_entry()
    entry["curves"] |= {"memorised": memorised, "seen_through": seen_through}
    chart = memorisation([entry])
    expected = [value for run in memorised + seen_through for value in run]
    assert numbers(rows(chart, "value"), "value") == expected
    picture = said(svg(chart))
    assert "of: seen through; epoch: 2; of the wrong labels, mean ± std: 60.00 ± 10.00 %" in picture


def test_without_noise_there_is_nothing_to_memorise() -> None:
    assert memorisation([made_entry()]) is None
    assert memorisation([made_entry(curves=None)]) is None
