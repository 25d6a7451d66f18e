"""How the features of a network lie in space: three principal components, and clusters."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from threadpoolctl import threadpool_limits

DIMENSIONS: Final = 3
STARTS: Final = 4
"""Of K-means; the tightest clusters are kept."""


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


def measure_features(
    features: NDArray[np.floating], labels: NDArray[np.integer], classes: int
) -> Space:
    """Return where the images lie, and how well K-means finds the classes without the labels.

    K-means looks for as many clusters as there are classes, in all dimensions. Its starts do not
    vary.

    Args:
        features: N×F, finite.
        labels: N, from 0 to ``classes`` - 1.
        classes: How many there are, 1 or more.

    """
    features = np.asarray(features, np.float64)
    centered = features - features.mean(axis=0)
    coordinates = np.zeros((len(features), DIMENSIONS), np.float32)
    explained = np.zeros(DIMENSIONS)
    clusters = np.zeros(len(features), np.int64)
    # One thread, or the number of threads would decide the last digits.
    with threadpool_limits(1):
        if centered.any():
            components = PCA(min(DIMENSIONS, *features.shape), svd_solver="full").fit(centered)
            coordinates[:, : components.n_components_] = components.transform(centered)
            explained[: components.n_components_] = components.explained_variance_ratio_
        different = len(np.unique(features, axis=0))
        means = KMeans(min(classes, different), n_init=STARTS, random_state=0)
        clusters = means.fit_predict(centered)
    return Space(
        coordinates,
        (float(explained[0]), float(explained[1]), float(explained[2])),
        float(adjusted_rand_score(labels, clusters)),
        float(normalized_mutual_info_score(labels, clusters)),
    )
