"""Memorized and recovered labels over the epochs."""

from drawn import numbers, rows, said, svg
from made_entries import made_entry
from seedbed.analysis.subjects.noise.memorization_chart import memorization_chart


def test_both_fractions_over_the_epochs() -> None:
    memorized, recovered = [[0.1, 0.3]] * 3, [[0.8, 0.6], [0.8, 0.5], [0.8, 0.7]]
    entry = made_entry()
    entry["curves"] |= {"memorized": memorized, "recovered": recovered}
    chart = memorization_chart([entry])
    expected = [value for run in memorized + recovered for value in run]
    assert numbers(rows(chart, "value"), "value") == expected
    picture = said(svg(chart))
    assert (
        "of: recovered; epoch: 2; of the wrongly labeled images, mean ± std: 60.00 ± 10.00"
        in picture
    )


def test_without_noise_there_is_nothing_to_memorize() -> None:
    assert memorization_chart([made_entry()]) is None
    assert memorization_chart([made_entry(curves=None)]) is None
