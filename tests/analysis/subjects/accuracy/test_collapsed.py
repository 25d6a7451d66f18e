"""Runs that collapsed are named; runs that merely vary are not."""

import numpy as np
import pytest

from made_answers import answer_text, made_accuracies
from made_entries import made_entry
from seedbed.analysis.subjects.accuracy.collapsed import collapsed_notes, collapsed_runs
from seedbed.analysis.subjects.accuracy.result import CollapsedRun
from sentences import Sentence


@pytest.mark.parametrize(
    ("runs", "collapsed"),
    [
        ((0.91, 0.93, 0.746, 0.95, 0.92), (2,)),
        ((0.98, 0.1, 0.11, 0.981, 0.979), (1, 2)),
        ((0.91, 0.93, 0.90, 0.95, 0.92), ()),
        ((0.999, 0.999, 0.96), ()),  # far in deviations, but not in points
        ((0.9, 0.1), (1,)),
        ((0.9, None, 0.1), (2,)),
        ((0.98, 0.981, 0.1, 0.11), (2, 3)),
        ((0.5, 0.6), ()),
        ((), ()),
    ],
)
def test_what_is_far_below_the_others(
    runs: tuple[float | None, ...], collapsed: tuple[int, ...]
) -> None:
    found = collapsed_runs(range(len(runs)), runs, 1000)
    assert [run.seed for run in found] == list(collapsed)
    assert all(isinstance(run, CollapsedRun) for run in found)


def test_runs_that_vary_are_rarely_called_collapsed() -> None:
    generator = np.random.default_rng(1)
    studies = generator.normal(0.7, 0.05, (2000, 5)).tolist()
    called = np.mean([bool(collapsed_runs(range(5), study, 100)) for study in studies])
    assert called < 0.01


def test_they_are_named_with_the_median(sentence: Sentence) -> None:
    entry = made_accuracies("a", (97.0, 10.0, 97.5, 97.2)) | {
        "collapsed": [{"seed": 1, "accuracy": 0.112}],
        "collapse_interval": [0.006, 0.806],
    }
    (note,) = collapsed_notes([entry])
    assert "97.10%" in note
    assert note in answer_text(entry)
    sentence(note)
    assert list(collapsed_notes([made_entry()])) == []


def test_runs_of_crossed_streams_go_by_their_seeds() -> None:
    entry = made_entry("a", collapsed=[{"seed": "0-order2", "accuracy": 0.1}])
    plain = next(collapsed_notes([entry.replace(collapsed=[{"seed": 3, "accuracy": 0.1}])]))
    assert "seed 3 (10.00% in training)" in plain
    crossed = next(collapsed_notes([entry.replace(varied=["initialization", "order"])]))
    assert "run “initialization 0, order 2” (10.00% in training)" in crossed
