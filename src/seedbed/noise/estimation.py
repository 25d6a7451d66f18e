"""Estimates of label noise from predictions and given labels: T and the posterior.

Every function is pure and deterministic, costs a few passes over the arrays, and takes

* ``probabilities``: N×K, the predicted probability of each class; rows sum to 1.
* ``labels``: N integers from 0 to K - 1, the given labels, some of which may be wrong.

A network that is trained on noisy labels learns to predict the *noisy* label: p(x) ≈ c(x) T, where
c(x) are the probabilities of the clean label and T is the transition matrix. By Bayes' rule, a
given label y is right with probability c_y T_yy / Σ_i c_i T_iy. This holds if the noise depends on
nothing but the clean class. Human noise depends on the image as well.

Predictions should come from a network that was not trained on the label in question, or that has
not memorized it.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.noise.human import Labels
from seedbed.noise.transition import Matrix

Probabilities = NDArray[np.floating]

TINY: Final = 1e-12


def transition_from_counts(probabilities: Probabilities, labels: Labels) -> Matrix:
    """Return T counted from (predicted class, given label).

    The simplest estimate: the prediction stands in for the clean label. A class that is never
    predicted has the row of a class without noise.

    Returns:
        float64, K×K; rows sum to 1.
    """
    classes = probabilities.shape[1]
    cells = probabilities.argmax(axis=1) * classes + labels
    counts = np.bincount(cells, minlength=classes**2).reshape(classes, classes)
    return transition_of_joint(counts.astype(np.float64))


def calibrated_joint(probabilities: Probabilities, labels: Labels) -> Matrix:
    """Return the joint distribution of clean class and given label, by confident learning.

    An image counts as class i if its probability of i is at least the mean probability of i among
    images labeled i; of several such classes, as the most probable one. Columns are then scaled to
    the observed frequency of every given label.
    Source: Northcutt et al. 2021, "Confident learning", equations 1 to 3.

    Returns:
        float64, K×K: row = clean class, column = given label; sums to 1.
        :func:`transition_of_joint` takes it.
    """
    classes = probabilities.shape[1]
    given = np.bincount(labels, minlength=classes).astype(np.float64)
    own = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    # A class without labels has no threshold, so nothing counts as it.
    sums = np.bincount(labels, weights=own, minlength=classes)
    thresholds = np.where(given > 0, sums / np.maximum(given, 1), np.inf)
    confident = probabilities >= thresholds - 1e-6  # rounding of the means
    guess = np.where(confident, probabilities, -1).argmax(axis=1)
    counted = confident.any(axis=1)
    cells = guess[counted] * classes + labels[counted]
    counts = np.bincount(cells, minlength=classes**2).reshape(classes, classes).astype(np.float64)
    # As if one label of every class were right, so that every column can be scaled.
    np.fill_diagonal(counts, np.maximum(np.diag(counts), 1))
    joint = counts / counts.sum(axis=0) * given
    result: Matrix = joint / joint.sum()
    return result


def transition_of_joint(joint: Matrix) -> Matrix:
    """Return T of a joint distribution or of counts: every row divided by its sum.

    Args:
        joint: K×K, 0 or more: row = clean class, column = given label.

    Returns:
        float64, K×K; an empty row becomes that of a class without noise.
    """
    sums = joint.sum(axis=1, keepdims=True)
    matrix: Matrix = np.where(sums > 0, joint / np.where(sums > 0, sums, 1), np.eye(len(joint)))
    return matrix


def transition_from_anchors(probabilities: Probabilities, percentile: float = 97.0) -> Matrix:
    """Return T from anchor points: row i is the prediction for a typical image of class i.

    The anchor of class i is the image whose probability of i is at this percentile, rather than the
    maximum, which may be an outlier. Needs no labels.
    Source: Patrini et al. 2017, "Making deep neural networks robust to label noise", section 4.2,
    and the authors' code for the percentile.

    Args:
        probabilities: N×K.
        percentile: 0 to 100.

    Returns:
        float64, K×K; rows sum to 1.
    """
    ranks = np.argsort(probabilities, axis=0, kind="stable")
    position = round((len(probabilities) - 1) * percentile / 100)
    return transition_of_joint(probabilities[ranks[position]].astype(np.float64))


def clean_posterior(clean: Probabilities, labels: Labels, matrix: Matrix) -> Matrix:
    """Return the probability of every clean class given the image and its label.

    Proportional to c_i T_iy, where y is the given label. If no class could have got this label, it
    is c.

    Args:
        clean: c, the probabilities of the clean label, N×K, such as those of a network that was
            trained with a forward-corrected loss.
        labels: N.
        matrix: T.

    Returns:
        float64, N×K; rows sum to 1.
    """
    joint = clean * matrix.T[labels]
    total = joint.sum(axis=1, keepdims=True)
    result: Matrix = np.where(total > TINY, joint / np.maximum(total, TINY), clean)
    return result


def label_posterior(clean: Probabilities, labels: Labels, matrix: Matrix) -> Matrix:
    """Return the probability that each given label is right, float64, N, from 0 to 1.

    Args:
        clean: N×K, as in :func:`clean_posterior`.
        labels: N.
        matrix: T.
    """
    posterior = clean_posterior(clean, labels, matrix)
    right: Matrix = posterior[np.arange(len(labels)), labels]
    return right


def clean_counts(clean: Probabilities, labels: Labels, matrix: Matrix) -> Matrix:
    """Return how many images have each clean class and given label, by :func:`clean_posterior`.

    The first half of a round of expectation maximization.

    Args:
        clean: N×K, as in :func:`clean_posterior`.
        labels: N.
        matrix: T.

    Returns:
        float64, K×K: row = clean class, column = given label; sums to N.
    """
    given = np.eye(clean.shape[1])[labels]
    counts: Matrix = clean_posterior(clean, labels, matrix).T @ given
    return counts
