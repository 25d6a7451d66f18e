"""Where points lie: their principal components, and clusters by K-means.

scikit-learn has both, and the tests hold these against it; but it takes a second to import, longer
than all else that a study of a few hundred images computes after its training.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

TOLERANCE: Final = 1e-4
"""K-means has ended once the centers together move by no more than this part of the variance of the
points, as in scikit-learn."""
MOST_STEPS: Final = 300
ROUNDING: Final = 1e-12
"""Points count as equal if their squared distance is less than this part of the largest squared
norm."""

Points = NDArray[np.floating]


@dataclass(frozen=True, eq=False)
class Components:
    """The principal components of N points."""

    coordinates: Points
    """N×K, from the mean of all points; 0 beyond as many as the points have."""
    explained: NDArray[np.float64]
    """K: fraction of the variance that each component holds."""


def principal_components(points: Points, count: int) -> Components:
    """Return the components of most variance; the largest part of each direction is positive.

    Args:
        points: N×F, finite; N and F at least 1.
        count: How many components, K.
    """
    centered = points - points.mean(axis=0)
    variances, axes = np.linalg.eigh((centered.T @ centered).astype(np.float64))
    kept = min(count, *points.shape)
    axes = axes[:, ::-1][:, :kept]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(kept)])
    coordinates = np.zeros((len(points), count), points.dtype)
    explained = np.zeros(count)
    if (total := variances.sum()) > 0:
        coordinates[:, :kept] = centered @ axes.astype(points.dtype)
        explained[:kept] = np.maximum(variances[::-1][:kept], 0) / total
    return Components(coordinates, explained)


@dataclass(frozen=True, eq=False)
class Clusters:
    """What one start of K-means has ended in."""

    centers: Points
    """K×F."""
    labels: NDArray[np.int64]
    """N: the nearest center of each point."""
    inertia: float
    """Sum of the squared distances to these."""


def k_means(points: Points, clusters: int, random: np.random.Generator) -> Clusters:
    """Return the clusters of one start of K-means, which is a local optimum.

    The first centers are those of greedy K-means++: each is the best of a few points that are drawn
    by their squared distance from the centers so far.

    Args:
        points: N×F, finite; N and F at least 1.
        clusters: How many, K; no more are returned than there are different points.
        random: What draws the first centers.

    Sources:
        Lloyd, Least squares quantization in PCM, IEEE Transactions on Information Theory 28, 1982.
        Arthur and Vassilvitskii, k-means++: the advantages of careful seeding, SODA 2007, with the
        trials of section 7.
    """
    points = np.asarray(points, np.float64)
    norms = np.square(points).sum(axis=1)
    centers = _first_centers(points, norms, clusters, random)
    variance = norms.mean() - np.square(points.mean(axis=0)).sum()
    enough = TOLERANCE * float(variance) / points.shape[1]
    for _ in range(MOST_STEPS):
        labels = nearest_centers(points, centers)
        sizes = np.bincount(labels, minlength=len(centers))[:, np.newaxis]
        members = labels == np.arange(len(centers))[:, np.newaxis]
        sums = members.astype(np.float64) @ points
        # A center that has lost all its points stays where it is.
        moved = np.where(sizes > 0, sums / np.maximum(sizes, 1), centers)
        shift, centers = float(np.square(moved - centers).sum()), moved
        if shift <= enough:
            break
    labels = nearest_centers(points, centers)
    inertia = float(np.square(points - centers[labels]).sum())
    return Clusters(centers, labels, inertia)


def nearest_centers(points: Points, centers: Points) -> NDArray[np.int64]:
    """Return which of K×F centers is nearest to each of N×F points: N, the first of equal ones."""
    # Up to the square of each point itself, which is the same for all centers.
    distances = np.square(centers).sum(axis=1) - 2 * (points @ centers.T)
    nearest: NDArray[np.int64] = distances.argmin(axis=1)
    return nearest


def _first_centers(
    points: Points, norms: Points, clusters: int, random: np.random.Generator
) -> Points:
    trials = 2 + int(math.log(clusters))
    chosen = [int(random.integers(len(points)))]
    distances = _squared_distances(points, norms, chosen)[0]
    while len(chosen) < clusters and distances.any():
        drawn = random.choice(len(points), trials, p=distances / distances.sum())
        closer = np.minimum(distances, _squared_distances(points, norms, drawn))
        best = closer.sum(axis=1).argmin()
        chosen.append(int(drawn[best]))
        distances = closer[best]
    return points[chosen]


def _squared_distances(
    points: Points, norms: Points, chosen: "NDArray[np.int64] | list[int]"
) -> Points:
    """Return those of each point from the chosen ones, C×N; of points that are equal, 0.

    ``norms`` are the squared norms of the points, N.
    """
    distances: Points = norms + norms[chosen, np.newaxis] - 2 * (points[chosen] @ points.T)
    distances[distances < ROUNDING * norms.max()] = 0
    return distances
