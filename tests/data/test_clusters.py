"""Principal components and K-means against scikit-learn."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from threadpoolctl import threadpool_limits

from seedbed.data.clusters import k_means, nearest_centers, principal_components


def clouds(spread: float, images: int = 300) -> NDArray[np.float64]:
    random = np.random.default_rng(0)
    centers = 10 * random.normal(size=(6, 8))
    return centers[np.arange(images) % 6] + spread * random.normal(size=(images, 8))


@pytest.mark.parametrize("shape", [(300, 8), (300, 2), (2, 8)])
def test_components_are_those_of_scikit_learn(shape: tuple[int, int]) -> None:
    points = clouds(3.0)[: shape[0], : shape[1]]
    found = principal_components(points, 3)
    kept = min(3, *shape)
    expected = PCA(kept, svd_solver="full").fit(points)
    coordinates = expected.transform(points)
    signs = np.sign((found.coordinates[:, :kept] * coordinates).sum(axis=0))
    np.testing.assert_allclose(found.coordinates[:, :kept], signs * coordinates, atol=1e-6)
    np.testing.assert_allclose(
        found.explained[:kept], expected.explained_variance_ratio_, atol=1e-12
    )
    assert not found.coordinates[:, kept:].any()
    assert not found.explained[kept:].any()


def test_equal_points_have_no_components() -> None:
    found = principal_components(np.ones((5, 4)), 3)
    assert not found.coordinates.any()
    assert not found.explained.any()


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("clusters", [1, 2, 6, 11])
def test_steps_lead_where_those_of_scikit_learn_lead(kind: type, clusters: int) -> None:
    points: NDArray[np.floating] = clouds(6.0).astype(kind)
    found = k_means(points, clusters, np.random.default_rng(1))
    # From where they end, Lloyd's steps go nowhere.
    again = KMeans(clusters, init=found.centers, n_init=1, tol=0).fit(points)
    assert again.inertia_ == pytest.approx(found.inertia, rel=1e-3)
    np.testing.assert_array_equal(found.labels, nearest_centers(points, found.centers))
    distances = np.square(points[:, np.newaxis] - found.centers).sum(axis=2, dtype=np.float64)
    np.testing.assert_array_equal(found.labels, distances.argmin(axis=1))
    assert found.inertia == pytest.approx(distances.min(axis=1).sum())


def test_a_start_is_as_good_as_one_of_scikit_learn() -> None:
    points, starts = clouds(6.0), range(40)
    own = [k_means(points, 8, np.random.default_rng(start)).inertia for start in starts]
    with threadpool_limits(1):
        others = [KMeans(8, n_init=1, random_state=start).fit(points).inertia_ for start in starts]
    assert np.mean(own) == pytest.approx(np.mean(others), rel=0.01)
    assert min(own) == pytest.approx(min(others), rel=0.01)


def test_there_are_no_more_clusters_than_different_points() -> None:
    points = np.repeat(clouds(1.0)[:3], 4, axis=0)
    found = k_means(points, 5, np.random.default_rng(0))
    assert sorted(np.bincount(found.labels)) == [4, 4, 4]
    assert found.inertia == 0
