"""Resampled selections: reproducible, and near to what other sets of runs select."""

import numpy as np

from seedbed.analysis.statistics.resampling import RESAMPLES, highest, shared_by_two, weights


def test_resamples_are_the_same_each_time_and_keep_the_number_of_runs() -> None:
    drawn = weights(5)
    assert drawn.shape == (RESAMPLES, 5)
    np.testing.assert_array_equal(drawn, weights(5))
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
    counts = drawn * 5
    np.testing.assert_allclose(counts, np.rint(counts))
    assert 0.15 < drawn.mean(axis=0).min() <= drawn.mean(axis=0).max() < 0.25


def test_the_highest_leave_out_what_never_occurs() -> None:
    scores = np.array([[0.3, 0.1, 0.3, 0.2], [0.0, 0.5, 0.0, 0.0]])
    expected = [[True, False, True, False], [False, True, False, False]]
    assert highest(scores, 2).tolist() == expected


def test_what_two_resamples_share_is_about_what_two_sets_of_runs_share() -> None:
    generator = np.random.default_rng(0)
    items, runs, top, repeats = 40, 5, 10, 60
    true = generator.normal(0, 1, items)
    estimated, shared = [], []
    for _ in range(repeats):
        one, other = (10 + true + generator.normal(0, 1.5, (runs, items)) for _ in range(2))
        estimated.append(shared_by_two(highest(weights(runs) @ one, top)))
        means = np.stack([one.mean(axis=0), other.mean(axis=0)])
        shared.append(int(highest(means, top).all(axis=0).sum()))
    # Differences between the runs at hand are larger than the true ones, so it is a bit high.
    assert 0 <= np.mean(estimated) - np.mean(shared) < 1.5
