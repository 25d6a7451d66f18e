"""How labels came about, from predictions of networks that were not trained on them.

The model: an image of the clean class i gets the label y with probability T_iy. A network that
learns from noisy labels predicts the *noisy* label, so its predictions for images of class i lie
around row i of T: images whose predictions are alike have the same clean class, whatever most of
them are labeled. Where there are few images, this tells more than the largest probability does: of
50 images, chance may give more than half the label of the next class.

1. The centers M of the predictions, one for each class, by a mixture: the probability of a
   prediction p given class i is proportional to exp(-s Σ_j p_j log(p_j / M_ij)) (Banerjee et al.
   2005, "Clustering with Bregman divergences"). They are found by expectation maximization.
   Pseudo-images that every network predicts as their own class keep center i at class i.
2. The clean probabilities c_i ∝ exp(-s Σ_j M_ij log(M_ij / p_j)). Without noise, M is near the
   identity, and this is temperature scaling with s = 1 / τ (Guo et al. 2017, "On calibration of
   modern neural networks").
3. T is counted from (most probable clean class, given label). Its rows are drawn to symmetric
   noise, as far as the counts make it likely that their rates, and the distributions of their
   wrong labels, are alike.
4. The sharpness s makes the held-out labels most likely, Σ log Σ_i c_i T_iy. Then T is counted
   again, every image shared among the clean classes by their probability given its label. (Once:
   many rounds would explain wrong labels by predictions that are not sharp, and no noise.)

The label y is right with probability c_y T_yy / Σ_i c_i T_iy.

All of this is as good as the assumption that noise depends on nothing but the clean class, and as
the networks: an image that all of them get wrong with confidence looks like a wrong label.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, softmax

from seedbed.noise.estimation import (
    Probabilities,
    calibrated_joint,
    clean_counts,
    label_posterior,
    transition_of_joint,
)
from seedbed.noise.human import Labels
from seedbed.noise.transition import Matrix, symmetric

SHARPNESSES: Final = (0.3, 0.4, 0.5, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 7.0, 10.0)
SMALLEST: Final = 1e-4
"""Probability, before it is sharpened: networks are never taken to be surer than that."""
MIXTURE: Final = 4.0
"""The sharpness of the mixture whose centers are found."""
ANCHOR: Final = 0.05
"""Pseudo-images of every center, as a fraction of the images of a class."""
ROUNDS: Final = 40
"""Of expectation maximization for the centers; again, from centers that are nearly right, fewer."""
AGAIN: Final = 5
IMAGES: Final = (10.0, 30.0, 100.0, 300.0, 1e3, 1e4, 1e5)
"""Images of the overall rate by which the rate of a row is drawn to it."""
WRONG: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Wrong labels by which their distribution in a row is drawn to the uniform one."""
MOST_DRAWS: Final = 3
"""Predictions per image from which the sharpness of single networks is chosen."""


@dataclass(frozen=True, eq=False)
class NoiseModel:
    """How the labels of N images came about."""

    clean: Matrix
    """c, N×K."""
    matrix: Matrix
    """T, K×K."""
    centers: Matrix
    """M, K×K."""
    sharpness: float

    def right(self, labels: Labels) -> NDArray[np.float64]:
        """Return the probability that each label is right, N."""
        return label_posterior(self.clean, labels, self.matrix)


def fit(probabilities: Probabilities, labels: Labels) -> NoiseModel:
    """Return the model of the mean over networks.

    Args:
        probabilities: Out-of-fold probabilities, N×K.
        labels: N.
    """
    start = 0.5 * np.eye(probabilities.shape[1])
    start += 0.5 * transition_of_joint(calibrated_joint(probabilities, labels))
    centers = find_centers(probabilities, start, ROUNDS)
    matrix = _transition(probabilities, labels, centers)
    sharpness = _likeliest(probabilities, labels, centers, matrix)
    return _model(probabilities, labels, centers, matrix, sharpness)


def refit(probabilities: Probabilities, labels: Labels, model: NoiseModel) -> NoiseModel:
    """Return the model of other images, from one that is nearly right; costs a tenth."""
    centers = find_centers(probabilities, model.centers, AGAIN)
    matrix = _transition(probabilities, labels, centers)
    return _model(probabilities, labels, centers, matrix, model.sharpness)


def fit_each(draws: Sequence[Probabilities], labels: Labels, model: NoiseModel) -> NoiseModel:
    """Return the model with the mean of the clean probabilities of single networks.

    An image about which networks disagree stays in doubt.

    Args:
        draws: Out-of-fold probabilities of single networks, N×K each.
        labels: N.
        model: Of their mean.
    """
    used = draws[:MOST_DRAWS]
    sharpness = _likeliest(
        np.concatenate(used), np.tile(labels, len(used)), model.centers, model.matrix
    )
    clean = np.zeros(draws[0].shape)
    for draw in draws:
        clean += clean_probabilities(draw, model.centers, sharpness) / len(draws)
    return replace(model, clean=clean, sharpness=sharpness)


def agreement(draws: Sequence[Probabilities], centers: Matrix) -> float | None:
    """Return how often two networks find the same clean class most probable, 0 to 1.

    Args:
        draws: Out-of-fold probabilities of single networks, N×K each.
        centers: K×K.

    Returns:
        ``None`` if there is one network only.
    """
    if len(draws) < 2:
        return None
    votes = np.zeros(draws[0].shape)
    for draw in draws:
        votes += np.eye(len(centers))[clean_classes(draw, centers)]
    pairs = (votes * (votes - 1)).sum()
    return float(pairs / (len(votes) * len(draws) * (len(draws) - 1)))


def find_centers(probabilities: Probabilities, start: Matrix, rounds: int) -> Matrix:
    """Return the center of the predictions of every clean class, K×K; rows sum to 1.

    Args:
        probabilities: N×K.
        start: K×K; row i has its maximum at i.
        rounds: Of expectation maximization.
    """
    images, classes = probabilities.shape
    p = np.asarray(probabilities, np.float64)
    anchor = ANCHOR * images / classes
    centers: Matrix = 0.95 * start + 0.05 / classes
    for _ in range(rounds):
        share = softmax(MIXTURE * (p @ np.log(centers).T), axis=1)
        sums = share.T @ p + anchor * np.eye(classes) + 0.5 / classes  # no probability is zero
        centers = sums / sums.sum(axis=1, keepdims=True)
    return centers


def clean_probabilities(
    probabilities: Probabilities, centers: Matrix, sharpness: float = 1.0
) -> Matrix:
    """Return the probabilities of the clean class, N×K.

    Args:
        probabilities: N×K.
        centers: K×K, positive.
        sharpness: Above 0; does not change which class is the most probable one.
    """
    clean: Matrix = softmax(sharpness * _closeness(probabilities, centers), axis=1)
    return clean


def clean_classes(probabilities: Probabilities, centers: Matrix) -> Labels:
    """Return the most probable clean class of every image, N."""
    classes: Labels = _closeness(probabilities, centers).argmax(axis=1)
    return classes


def _transition(probabilities: Probabilities, labels: Labels, centers: Matrix) -> Matrix:
    shares = np.eye(len(centers))
    counts: Matrix = shares[clean_classes(probabilities, centers)].T @ shares[labels]
    return shrunk_transition(counts)


def _closeness(probabilities: Probabilities, centers: Matrix) -> Matrix:
    """Return how near each prediction is to each center: minus the divergence, and a constant."""
    logs = np.log(np.maximum(probabilities, SMALLEST))
    near: Matrix = logs @ centers.T - (centers * np.log(centers)).sum(axis=1)
    return near


def shrunk_transition(counts: Matrix) -> Matrix:
    """Return T of counts, with rows drawn to symmetric noise.

    Args:
        counts: K×K, 0 or more: row = clean class, column = given label.

    Returns:
        K×K; rows sum to 1.
    """
    classes = len(counts)
    wrong = counts * (1 - np.eye(classes))
    images, sums = counts.sum(axis=1), wrong.sum(axis=1)
    overall = max(float(sums.sum() / images.sum()), 1e-12)
    more = _alike(np.stack([sums, images - sums], axis=1), np.array([overall, 1 - overall]), IMAGES)
    rate = (sums + more * overall) / (images + more)
    others = wrong[~np.eye(classes, dtype=bool)].reshape(classes, classes - 1)
    wrong += _alike(others, np.full(classes - 1, 1 / (classes - 1)), WRONG) * symmetric(classes, 1)
    matrix: Matrix = rate[:, None] * wrong / wrong.sum(axis=1, keepdims=True)
    np.fill_diagonal(matrix, 1 - rate)
    return matrix


def _alike(
    counts: NDArray[np.float64], mean: NDArray[np.float64], amounts: Sequence[float]
) -> float:
    """Return how alike the distributions of all rows are, as an amount of counts.

    The likeliest concentration of a Dirichlet distribution with a known mean from which they are
    drawn (Minka 2000, "Estimating a Dirichlet distribution", equation 53).

    Args:
        counts: Rows.
        mean: Of their distributions, positive.
        amounts: What is chosen from.
    """
    sums = counts.sum(axis=1)

    def likelihood(amount: float) -> float:
        prior = amount * mean
        rows = gammaln(amount) - gammaln(amount + sums)
        return float(rows.sum() + (gammaln(counts + prior) - gammaln(prior)).sum())

    return max(amounts, key=likelihood)


def _likeliest(
    probabilities: Probabilities, labels: Labels, centers: Matrix, matrix: Matrix
) -> float:
    """Return the sharpness by which the given labels are most likely."""
    closeness = _closeness(probabilities, centers)
    columns = matrix.T[labels]

    def likelihood(sharpness: float) -> float:
        clean = softmax(sharpness * closeness, axis=1)
        return float(np.log(np.maximum((clean * columns).sum(axis=1), 1e-12)).sum())

    return max(SHARPNESSES, key=likelihood)


def _model(
    probabilities: Probabilities,
    labels: Labels,
    centers: Matrix,
    matrix: Matrix,
    sharpness: float,
) -> NoiseModel:
    clean = clean_probabilities(probabilities, centers, sharpness)
    matrix = shrunk_transition(clean_counts(clean, labels, matrix))
    return NoiseModel(clean, matrix, centers, sharpness)
