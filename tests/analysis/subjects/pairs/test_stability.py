"""How stable the most confused pairs are, against resampling by hand."""

import numpy as np

from made_entries import made_entry
from made_predictions import made_runs
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.statistics.resampling import RESAMPLES, weights
from seedbed.analysis.subjects.confusion.matrices import confusion_matrices
from seedbed.analysis.subjects.pairs.compute import compute
from seedbed.analysis.subjects.pairs.sentences import sentences
from sentences import Sentence


def by_hand(runs: list[Predictions]) -> tuple[dict[tuple[int, int], int], float]:
    """Return how often each pair is one of the three most confused, and what two sets share."""
    rates = confusion_matrices(runs).normalized
    tops = []
    for shares in weights(len(runs)):
        mean = np.tensordot(shares, rates, 1)
        cells = [(i, j) for i in range(len(mean)) for j in range(len(mean)) if i != j]
        tops.append(sorted(cells, key=lambda cell: -mean[cell].round(12))[:3])
    times = {cell: sum(cell in top for top in tops) for top in tops for cell in top}
    shared = [len(set(a) & set(b)) for a, b in zip(tops[::2], tops[1::2], strict=True)]
    return times, float(np.mean(shared))


def test_pairs_say_how_often_they_are_among_the_three_most_confused() -> None:
    runs = made_runs(5, images=300)
    result = compute(runs)
    times, shared = by_hand(runs)
    assert sum(times.values()) == 3 * RESAMPLES
    names = runs[0].class_names
    for pair in result.top_pairs:
        cell = (names.index(pair.true), names.index(pair.predicted))
        assert pair.in_top is not None
        assert abs(pair.in_top - times.get(cell, 0)) <= 2  # ties after rounding
    assert result.shared_top_pairs is not None
    assert abs(result.shared_top_pairs - shared) < 0.1
    assert 1 < shared < 3


def test_the_sentence_says_what_other_seeds_would_share(sentence: Sentence) -> None:
    entry = made_entry()
    (text,) = sentences([entry])
    assert f"about {entry['shared_top_pairs']:.1f} of the 3" in text
    sentence(text)


def test_equal_runs_are_stable_and_two_runs_say_nothing() -> None:
    run = made_runs(1)[0]
    result = compute([run] * 3)
    assert [pair.in_top for pair in result.top_pairs[:4]] == [100, 100, 100, 0]
    assert result.shared_top_pairs == 3
    result = compute(made_runs(2))
    assert result.shared_top_pairs is None
    assert {pair.in_top for pair in result.top_pairs} == {None}
