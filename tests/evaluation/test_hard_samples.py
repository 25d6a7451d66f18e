"""Hard samples against plain sorting."""

import numpy as np
import pytest

from made_predictions import from_probabilities, made, made_runs
from seedbed.core.errors import DataError
from seedbed.evaluation.hard_samples import hard_samples


def test_order_and_contents() -> None:
    runs = made_runs(5)
    n_wrong = np.sum([run.wrong for run in runs], axis=0)
    losses = np.mean([run.losses for run in runs], axis=0)
    expected = sorted(np.flatnonzero(n_wrong), key=lambda i: (-n_wrong[i], -losses[i], i))
    result = hard_samples(runs, most=10_000)
    assert [sample.index for sample in result.samples] == expected
    for sample in result.samples:
        assert sample.true == runs[0].labels[sample.index]
        assert sample.predicted != sample.true
        assert sample.n_wrong == n_wrong[sample.index]
        assert sample.loss == pytest.approx(losses[sample.index], abs=1e-14)
    assert result.images_n_wrong == tuple(int((n_wrong == k).sum()) for k in range(6))
    assert hard_samples(runs, most=3).samples == result.samples[:3]
    assert hard_samples(runs, most=0).samples == ()


def test_the_wrong_class_is_that_of_most_runs() -> None:
    labels = np.array([0])
    runs = [
        from_probabilities(np.array([row]), labels)
        for row in ([0.1, 0.5, 0.4], [0.2, 0.2, 0.6], [0.0, 0.2, 0.8], [0.6, 0.3, 0.1])
    ]
    (sample,) = hard_samples(runs).samples
    assert (sample.true, sample.predicted, sample.n_wrong) == (0, 2, 3)
    assert sample.probability == pytest.approx(0.7)


def test_nothing_is_hard_for_perfect_runs() -> None:
    result = hard_samples([made(50, skill=100)])
    assert result.samples == ()
    assert result.images_n_wrong == (50, 0)


def test_no_runs() -> None:
    with pytest.raises(DataError, match="no runs"):
        hard_samples([])
