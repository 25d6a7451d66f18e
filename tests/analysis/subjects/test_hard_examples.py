"""Hard examples against plain sorting."""

import numpy as np
import pytest

from made_predictions import from_probabilities, made, made_runs
from seedbed.analysis.subjects.hard_examples import hard_examples
from seedbed.core.errors import DataError


def test_order_and_contents() -> None:
    runs = made_runs(5)
    n_wrong = np.sum([run.wrong for run in runs], axis=0)
    losses = np.mean([run.losses for run in runs], axis=0)
    expected = sorted(np.flatnonzero(n_wrong), key=lambda i: (-n_wrong[i], -losses[i], i))
    result = hard_examples(runs, most=10_000)
    assert [example.index for example in result.examples] == expected
    for example in result.examples:
        assert example.true == runs[0].class_names[runs[0].labels[example.index]]
        assert example.predicted != example.true
        assert example.n_wrong == n_wrong[example.index]
        assert example.loss == pytest.approx(losses[example.index], abs=1e-14)
    assert result.images_by_n_wrong == tuple(int((n_wrong == k).sum()) for k in range(6))
    assert hard_examples(runs, most=3).examples == result.examples[:3]
    assert hard_examples(runs, most=0).examples == ()


def test_the_wrong_class_is_that_of_most_runs() -> None:
    labels = np.array([0])
    runs = [
        from_probabilities(np.array([row]), labels)
        for row in ([0.1, 0.5, 0.4], [0.2, 0.2, 0.6], [0.0, 0.2, 0.8], [0.6, 0.3, 0.1])
    ]
    (example,) = hard_examples(runs).examples
    assert (example.true, example.predicted, example.n_wrong) == ("a", "c", 3)
    assert example.probability == pytest.approx(0.7)


def test_nothing_is_hard_for_perfect_runs() -> None:
    result = hard_examples([made(50, skill=100)])
    assert result.examples == ()
    assert result.images_by_n_wrong == (50, 0)


def test_no_runs() -> None:
    with pytest.raises(DataError) as error:
        hard_examples([])
    assert error.value.expected == "the predictions of at least one"


def test_the_hardest_examples_of_equal_runs_are_those_of_other_runs() -> None:
    runs = made_runs(5)
    alike = hard_examples([runs[0]] * 4, 10)
    assert alike.shared == len(alike.examples) == 10
    differing = hard_examples(runs, 10)
    assert differing.shared is not None
    assert 2 < differing.shared < 10
    assert hard_examples(runs[:2]).shared is None
