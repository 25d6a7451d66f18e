"""How the features of a network lie in space: three principal components, and clusters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from seedbed.analysis.subjects.features.result import AGREEING
from seedbed.core.seeds import stream
from seedbed.data.clusters import Clusters, k_means, principal_components

DIMENSIONS: Final = 3
LEAST_STARTS: Final = 10
MOST_STARTS: Final = 20
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
    with the arithmetic mean)."""
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
    # One thread, or the number of threads would decide the last digits.
    with threadpool_limits(1):
        components = principal_components(centered, DIMENSIONS)
        runs = _clusterings(centered, classes)
    tables = [_contingency(labels, run.labels) for run in runs]
    tightest = tables[int(np.argmin([run.inertia for run in runs]))]
    first, second, third = components.explained.tolist()
    return Space(
        components.coordinates.astype(np.float32),
        (first, second, third),
        adjusted_rand(tightest),
        mutual_information(tightest),
        len(runs),
        _agreeing(runs),
        float(np.std([adjusted_rand(table) for table in tables], ddof=1)),
    )


def adjusted_rand(table: NDArray[np.integer]) -> float:
    """Return the adjusted Rand index of a contingency table (Hubert and Arabie 1985, equation 5).

    Args:
        table: Classes × clusters, how many images are in both; at least one image.
    """
    together, of_classes, of_clusters, every = (
        float((counts * (counts - 1)).sum()) / 2
        for counts in (table, table.sum(axis=1), table.sum(axis=0), table.sum())
    )
    expected = of_classes * of_clusters / every if every else 0.0
    most = (of_classes + of_clusters) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)


def mutual_information(table: NDArray[np.integer]) -> float:
    """Return the mutual information of a contingency table over the mean of both entropies."""
    joint = table / table.sum()
    of_classes, of_clusters = joint.sum(axis=1), joint.sum(axis=0)
    entropies = _entropy(of_classes) + _entropy(of_clusters)
    shared = max(entropies - _entropy(joint), 0.0)
    return 2 * shared / entropies if entropies else 1.0


def _entropy(shares: NDArray[np.float64]) -> float:
    shares = shares[shares > 0]
    return -float((shares * np.log(shares)).sum())


def _contingency(labels: NDArray[np.integer], clusters: NDArray[np.integer]) -> NDArray[np.int64]:
    table = np.zeros((labels.max() + 1, clusters.max() + 1), np.int64)
    np.add.at(table, (labels, clusters), 1)
    return table


def _clusterings(centered: NDArray[np.float64], clusters: int) -> list[Clusters]:
    runs: list[Clusters] = []
    while len(runs) < LEAST_STARTS or (_agreeing(runs) < AGREEING and len(runs) < MOST_STARTS):
        runs.append(k_means(centered, clusters, stream(len(runs), "split")))
    return runs


def _agreeing(runs: Sequence[Clusters]) -> int:
    least = min(run.inertia for run in runs)
    return sum(run.inertia <= least * (1 + SAME) for run in runs)
