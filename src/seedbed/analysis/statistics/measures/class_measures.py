"""Balanced accuracy and macro F1 of runs, with what every image contributes to them.

With K classes, and for each class k its true positives TP, false negatives FN and false positives
FP in one run:

    balanced accuracy = 1/K · sum over k of TP_k / (TP_k + FN_k)
    macro F1          = 1/K · sum over k of 2 TP_k / (2 TP_k + FP_k + FN_k)

Classes without test images have no recall and do not count for balanced accuracy; classes that
neither occur nor are predicted do not count for macro F1. scikit-learn does the same.

Neither is a mean over images. But both are nearly linear in the images: the influence of an image
is N times by how much the measure would change if the image counted infinitesimally more. The
measure varies with the images as the mean of its influences does.

Sources:
    Brodersen, Ong, Stephan and Buhmann, The balanced accuracy and its posterior distribution,
    ICPR 2010. Opitz and Burst, Macro F1 and macro F1, arXiv:1911.03347, 2019: of the two formulas
    in use, this is the mean of the F1 scores. Hampel, The influence curve and its role in robust
    estimation, Journal of the American Statistical Association 69, 1974. Takahashi, Yamamoto,
    Kuchiba and Koyama, Confidence interval for micro-averaged F1 and macro-averaged F1 scores,
    Applied Intelligence 52, 2022 (the delta method, of one run).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Measure:
    """A measure of n runs on N images."""

    values: NDArray[np.float64]
    """n, from 0 to 1."""
    influence: NDArray[np.float64] | None
    """n×N, of each image on the measure of each run: rows sum to 0 but for a factor for classes
    with few images. ``None`` where a class has a single image, which cannot show how much images of
    the class vary."""
    images: float
    """So many equally weighted images would tell as much."""


def balanced_accuracy(
    labels: NDArray[np.int64], predicted: NDArray[np.int64], classes: int
) -> Measure:
    """Return the mean recall of the classes.

    Args:
        labels: N, from 0 to ``classes`` - 1.
        predicted: n×N, likewise.
        classes: How many there are.
    """
    support = np.bincount(labels, minlength=classes)
    occurring = np.flatnonzero(support)
    correct = (predicted == labels).astype(np.float64)
    recall = np.zeros((len(correct), classes))
    for k in occurring:
        recall[:, k] = correct[:, labels == k].mean(axis=1)
    weight = len(labels) / (len(occurring) * np.maximum(support, 1))
    influence = None
    if support[occurring].min() > 1:
        # The deviation from a mean of few images is smaller than that from the true recall.
        unbiased = np.sqrt(support / np.maximum(support - 1, 1))
        influence = (weight * unbiased)[labels] * (correct - recall[:, labels])
    return Measure(recall[:, occurring].mean(axis=1), influence, equal_images(support[occurring]))


def macro_f1(labels: NDArray[np.int64], predicted: NDArray[np.int64], classes: int) -> Measure:
    """Return the mean F1 score of the classes; the arguments are those of balanced accuracy."""
    support = np.bincount(labels, minlength=classes)
    values = np.zeros(len(predicted))
    influence = np.zeros(predicted.shape)
    for run, of_run in enumerate(predicted):
        true_positives = np.bincount(labels[of_run == labels], minlength=classes)
        both = support + np.bincount(of_run, minlength=classes)
        counted = both > 0
        f1 = 2 * true_positives / np.maximum(both, 1)
        values[run] = f1[counted].mean()
        # Of F = 2 TP / both: an image of class k adds 1 to both, and 2 to 2 TP if it is right.
        weight = len(labels) / (np.maximum(both, 1) * counted.sum())
        share = weight * f1
        influence[run] = 2 * weight[labels] * (of_run == labels) - share[labels] - share[of_run]
    occurring = support[support > 0]
    return Measure(values, influence if occurring.min() > 1 else None, equal_images(occurring))


def equal_images(support: NDArray[np.int64]) -> float:
    """Return how many images an unweighted mean over all would need for the same variance."""
    return float(len(support) ** 2 / (1 / support).sum())
