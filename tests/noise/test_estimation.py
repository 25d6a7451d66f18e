"""Estimates of label noise, against simulated truth and against cleanlab."""

from itertools import product

import cleanlab.count
import numpy as np
import pytest

from seedbed.noise.estimation import (
    Probabilities,
    calibrated_joint,
    clean_counts,
    clean_posterior,
    label_posterior,
    transition_from_anchors,
    transition_from_counts,
    transition_of_joint,
)
from seedbed.noise.labels import draw_labels
from seedbed.noise.transition import Matrix, check_transition, pair, symmetric

NOISE = {
    "symmetric 20 %": symmetric(5, 0.2),
    "symmetric 40 %": symmetric(5, 0.4),
    "pair 40 %": pair(5, 0.4),
    "none": np.eye(5),
}
noisy = pytest.mark.parametrize("matrix", NOISE.values(), ids=NOISE)


def simulate(
    matrix: Matrix, images: int = 20_000, sharpness: float = 6.0
) -> tuple[Probabilities, np.ndarray, np.ndarray, Matrix]:
    """Return p(x) = c(x) T, given and clean labels, and c(x), from which the latter are drawn.

    So the predictions are perfectly calibrated, and the class-conditional model holds.
    """
    random = np.random.default_rng(0)
    classes = len(matrix)
    scores = random.gumbel(size=(images, classes))
    scores[np.arange(images), np.arange(images) % classes] += sharpness
    clean_p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    clean = (clean_p.cumsum(axis=1) > random.random((images, 1))).argmax(axis=1)
    given = draw_labels(clean, matrix, 1)
    return (clean_p @ matrix).astype(np.float32), given, clean, clean_p


def refine(clean_p: Matrix, given: np.ndarray, matrix: Matrix, rounds: int) -> Matrix:
    """Return T after rounds of expectation maximization, as methods do it in training."""
    for _ in range(rounds):
        matrix = transition_of_joint(clean_counts(clean_p, given, matrix))
    return matrix


@noisy
@pytest.mark.parametrize("estimate", ["counts", "joint", "anchors", "refined"])
def test_transition_matrices_are_near_the_truth(matrix: Matrix, estimate: str) -> None:
    p, given, _, clean_p = simulate(matrix, sharpness=9)  # right about 99.7 % of images
    counted = transition_from_counts(p, given)
    found = {
        "counts": counted,
        "joint": transition_of_joint(calibrated_joint(p, given)),
        "anchors": transition_from_anchors(p),
        "refined": refine(clean_p, given, counted, rounds=5),
    }[estimate]
    np.testing.assert_array_equal(check_transition(found), found)
    assert abs(found - matrix).max() < 0.03


@noisy
def test_refining_finds_the_matrix_where_counting_is_biased(matrix: Matrix) -> None:
    p, given, _, clean_p = simulate(matrix, images=50_000, sharpness=3)  # right about 80 %
    counted = transition_from_counts(p, given)
    refined = refine(clean_p, given, counted, rounds=30)
    assert abs(counted - matrix).max() > 0.05
    assert abs(refined - matrix).max() < 0.03


@noisy
def test_posteriors_are_calibrated(matrix: Matrix) -> None:
    _, given, clean, clean_p = simulate(matrix)
    wrong = 1 - label_posterior(clean_p, given, matrix)
    for low, high in ((0, 0.1), (0.1, 0.5), (0.5, 0.9), (0.9, 1.1)):
        chosen = (wrong >= low) & (wrong < high)
        expected, variance = wrong[chosen].sum(), (wrong * (1 - wrong))[chosen].sum()
        assert abs((given != clean)[chosen].sum() - expected) <= 4 * np.sqrt(variance) + 0.01


@noisy
def test_posteriors_follow_from_the_rule_of_bayes_written_out(matrix: Matrix) -> None:
    _, given, _, clean_p = simulate(matrix, images=20)
    posterior = clean_posterior(clean_p, given, matrix)
    for image, clean in product(range(20), range(5)):
        numerator = clean_p[image, clean] * matrix[clean, given[image]]
        evidence = sum(clean_p[image, i] * matrix[i, given[image]] for i in range(5))
        assert posterior[image, clean] == pytest.approx(numerator / evidence, abs=1e-5)


@noisy
def test_the_calibrated_joint_is_that_of_cleanlab(matrix: Matrix) -> None:
    p, given, *_ = simulate(matrix, sharpness=3)
    # Rows are given labels there, and cells whole numbers of images.
    joint = cleanlab.count.compute_confident_joint(given, p.astype(np.float64), calibrate=True)
    assert abs(calibrated_joint(p, given) * len(given) - joint.T).max() <= 1


def test_a_class_without_labels_or_predictions_counts_as_free_of_noise() -> None:
    p = np.tile(np.array([[0.7, 0.2, 0.1, 0.0]], np.float32), (10, 1))
    given = np.array([0] * 8 + [1] * 2)
    for found in (
        transition_from_counts(p, given),
        transition_of_joint(calibrated_joint(p, given)),
        transition_of_joint(clean_counts(p, given, np.eye(4))),
    ):
        assert found[3].tolist() == [0, 0, 0, 1]
        np.testing.assert_allclose(found.sum(axis=1), 1)
    assert label_posterior(p, given, np.eye(4)).tolist() == [1] * 10


def test_nothing_is_changed_in_place() -> None:
    p, given, *_ = simulate(pair(5, 0.4), images=100)
    matrix = pair(5, 0.4)
    before = p.copy(), given.copy(), matrix.copy()
    clean_counts(p, given, matrix)
    calibrated_joint(p, given)
    label_posterior(p, given, matrix)
    transition_from_anchors(p)
    for array, copy in zip((p, given, matrix), before, strict=True):
        np.testing.assert_array_equal(array, copy)
