"""Macro AUC of runs, with what every image contributes to it.

With K classes, the AUC of class k is the probability that an image of the class has a higher
probability of k than another image, ties counting half. Macro AUC is the mean over the classes that
have images and are not all there is. An image of the class contributes the fraction of the others
that it ranks above, another one the fraction of the class that it ranks below (DeLong's structural
components); their deviations from the AUC are the influences of
:mod:`seedbed.analysis.statistics.measures.class_measures`.

Sources:
    DeLong, DeLong and Clarke-Pearson, Comparing the areas under two or more correlated receiver
    operating characteristic curves: a nonparametric approach, Biometrics 44, 1988.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.statistics.measures.class_measures import Measure, equal_images


def macro_auc(
    labels: NDArray[np.int64], probabilities: Sequence[NDArray[np.floating]]
) -> Measure | None:
    """Return the mean AUC of the classes, each against the rest; ``None`` if no class has one.

    Args:
        labels: N, from 0 to K - 1.
        probabilities: Of each of n runs, N×K.
    """
    images, classes = probabilities[0].shape
    support = np.bincount(labels, minlength=classes)
    counted = np.flatnonzero((support > 0) & (support < images))
    if not len(counted):
        return None
    values = np.zeros(len(probabilities))
    influence = np.zeros((len(probabilities), images))
    for run, scores in enumerate(probabilities):
        for k in counted:
            auc, of_images = _components(labels == k, scores[:, k])
            values[run] += auc / len(counted)
            influence[run] += of_images / len(counted)
    few = min(support[counted].min(), images - support[counted].max()) < 2
    return Measure(values, None if few else influence, equal_images(support[support > 0]))


def _components(
    positive: NDArray[np.bool_], scores: NDArray[np.floating]
) -> tuple[float, NDArray[np.float64]]:
    """Return the AUC of N decisions and the influence of each on it."""
    deviations = np.empty(len(scores))
    auc = 0.0
    for member in (~positive, positive):
        own, others = scores[member], np.sort(scores[~member])
        below = np.searchsorted(others, own) + np.searchsorted(others, own, side="right")
        wins = below / (2 * len(others))
        wins = wins if member is positive else 1 - wins
        auc = float(wins.mean())
        # The deviation from a mean of few images is smaller than that from the true AUC.
        unbiased = math.sqrt(len(own) / max(len(own) - 1, 1))
        deviations[member] = len(scores) / len(own) * unbiased * (wins - auc)
    return auc, deviations
