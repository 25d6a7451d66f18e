"""How the features of a network lie in space: three principal components, and clusters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from threadpoolctl import threadpool_limits

from seedbed.analysis.subjects.features.result import AGREEING

DIMENSIONS: Final = 3
LEAST_STARTS: Final = 10
MOST_STARTS: Final = 50
SAME: Final = 1e-4
"""Sums of squares that differ by no more than this part are of the same clusters."""


@dataclass(frozen=True, eq=False)
class Space:
    """The features of N images."""

    coordinates: NDArray[np.float32]
    """N×3: the principal components, from the center of all images. 0 where there are fewer."""
    explained: tuple[float, float, float]
    """Fraction of the features' variance that each component holds, 0 to 1."""
    adjusted_rand: float
    """Agreement of clusters and classes (Hubert and Arabie 1985): 1 for the same, 0 for chance."""
    mutual_information: float
    """Of clusters and classes, over the mean of their entropies: 0 to 1 (Strehl and Ghosh 2002;
    with the arithmetic mean, as scikit-learn has it)."""
    starts: int
    """Of K-means, until :data:`AGREEING` of them ended in the tightest clusters that were found."""
    agreeing: int
    """How many did."""
    start_std: float
    """Standard deviation of the adjusted Rand index over single starts: what the start alone moves,
    if only one is made."""


def measure_features(
    features: NDArray[np.floating], labels: NDArray[np.integer], classes: int
) -> Space:
    """Return where the images lie, and how well K-means finds the classes without the labels.

    K-means looks for as many clusters as there are classes, in all dimensions. It ends in another
    local optimum from another start, so it starts again until the best is found repeatedly. The
    starts are the same for all features.

    Args:
        features: N×F, finite.
        labels: N, from 0 to ``classes`` - 1.
        classes: How many there are, 1 or more.

    """
    features = np.asarray(features, np.float64)
    centered = features - features.mean(axis=0)
    coordinates = np.zeros((len(features), DIMENSIONS), np.float32)
    explained = np.zeros(DIMENSIONS)
    # One thread, or the number of threads would decide the last digits.
    with threadpool_limits(1):
        if centered.any():
            components = PCA(min(DIMENSIONS, *features.shape), svd_solver="full").fit(centered)
            coordinates[:, : components.n_components_] = components.transform(centered)
            explained[: components.n_components_] = components.explained_variance_ratio_
        different = len(np.unique(features, axis=0))
        runs = _clusterings(centered, min(classes, different))
    tightest = min(runs, key=lambda run: run.inertia)
    found = [float(adjusted_rand_score(labels, run.clusters)) for run in runs]
    return Space(
        coordinates,
        (float(explained[0]), float(explained[1]), float(explained[2])),
        float(adjusted_rand_score(labels, tightest.clusters)),
        float(normalized_mutual_info_score(labels, tightest.clusters)),
        len(runs),
        _agreeing(runs),
        float(np.std(found, ddof=1)),
    )


@dataclass(frozen=True, eq=False)
class _Clustering:
    """What one start of K-means ended in."""

    clusters: NDArray[np.integer]
    inertia: float
    """Sum of squared distances to the centers."""


def _clusterings(centered: NDArray[np.float64], clusters: int) -> list[_Clustering]:
    runs: list[_Clustering] = []
    while len(runs) < LEAST_STARTS or (_agreeing(runs) < AGREEING and len(runs) < MOST_STARTS):
        means = KMeans(clusters, n_init=1, random_state=len(runs)).fit(centered)
        runs.append(_Clustering(means.labels_, float(means.inertia_)))
    return runs


def _agreeing(runs: Sequence[_Clustering]) -> int:
    least = min(run.inertia for run in runs)
    return sum(run.inertia <= least * (1 + SAME) for run in runs)
