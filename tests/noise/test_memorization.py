"""Counting what a network makes of wrong labels."""

import numpy as np
import pytest

from seedbed.noise.memorization import Memorization, count_memorized


def test_each_way_to_answer_a_wrong_label() -> None:
    clean = np.array([0, 0, 0, 0, 1, 2])
    noisy = np.array([1, 1, 1, 0, 2, 2])
    predicted = np.array([1, 0, 2, 1, 2, 0])
    assert count_memorized(predicted, noisy, clean) == Memorization(
        memorized=2, recovered=1, other=1, flipped=4
    )


def test_a_network_that_repeats_either_labels() -> None:
    generator = np.random.default_rng(0)
    clean, noisy = generator.integers(0, 5, (2, 1000))
    flipped = int((clean != noisy).sum())
    assert count_memorized(noisy, noisy, clean) == (flipped, 0, 0, flipped)
    assert count_memorized(clean, noisy, clean) == (0, flipped, 0, flipped)
    assert count_memorized(noisy, clean, clean) == (0, 0, 0, 0)


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="shapes differ"):
        count_memorized(np.zeros(3, int), np.zeros(4, int), np.zeros(4, int))
