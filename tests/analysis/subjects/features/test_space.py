"""Coordinates against the singular value decomposition, agreement against contingency tables."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import entropy
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, mutual_info_score, normalized_mutual_info_score
from sklearn.metrics.cluster import pair_confusion_matrix

from seedbed.analysis.subjects.features.result import AGREEING
from seedbed.analysis.subjects.features.space import (
    LEAST_STARTS,
    MOST_STARTS,
    adjusted_rand,
    measure_features,
    mutual_information,
)


def clouds(spread: float, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    random = np.random.default_rng(seed)
    labels = np.arange(120) % 4
    centers = 10 * random.normal(size=(4, 8))
    return centers[labels] + spread * random.normal(size=(120, 8)), labels


def test_coordinates_are_the_principal_components() -> None:
    features, labels = clouds(1.0)
    found = measure_features(features, labels, 4)
    centered = features - features.mean(axis=0)
    left, strength, _ = np.linalg.svd(centered, full_matrices=False)
    np.testing.assert_allclose(
        np.abs(found.coordinates), np.abs(left[:, :3] * strength[:3]), rtol=1e-4, atol=1e-4
    )
    np.testing.assert_allclose(found.explained, (strength**2 / np.sum(strength**2))[:3])


def test_classes_that_lie_apart_are_found() -> None:
    found = measure_features(*clouds(0.1), 4)
    assert found.adjusted_rand == pytest.approx(1)
    assert found.mutual_information == pytest.approx(1)


def test_chance_agrees_with_nothing() -> None:
    features, _ = clouds(0.1)
    labels = np.random.default_rng(1).integers(0, 4, 120)
    assert abs(measure_features(features, labels, 4).adjusted_rand) < 0.05


def test_agreement_is_that_of_its_definitions() -> None:
    features, labels = clouds(9.0)
    found = measure_features(features, labels, 4)
    centered = features - features.mean(axis=0)
    clusters = KMeans(4, n_init=100, random_state=1).fit_predict(centered)
    (different, split), (joined, same) = pair_confusion_matrix(labels, clusters).tolist()
    rand = 2 * (same * different - joined * split)
    rand /= (same + joined) * (joined + different) + (same + split) * (split + different)
    assert found.adjusted_rand == pytest.approx(rand)
    shared = mutual_info_score(labels, clusters)
    mean = (entropy(np.bincount(labels)) + entropy(np.bincount(clusters))) / 2
    assert found.mutual_information == pytest.approx(shared / mean)
    assert 0.1 < found.adjusted_rand < 0.9


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (4, 1), (2, 2), (3, 7), (10, 10)])
@pytest.mark.parametrize("images", [1, 2, 30, 2000])
def test_agreement_is_that_of_scikit_learn(shape: tuple[int, int], images: int) -> None:
    random = np.random.default_rng(images)
    classes, clusters = (random.integers(0, count, images) for count in shape)
    table = np.zeros(shape, np.int64)
    np.add.at(table, (classes, clusters), 1)
    assert adjusted_rand(table) == pytest.approx(adjusted_rand_score(classes, clusters))
    expected = normalized_mutual_info_score(classes, clusters)
    assert mutual_information(table) == pytest.approx(expected, abs=1e-12)


def test_it_starts_until_the_tightest_clusters_are_found_repeatedly() -> None:
    easy, labels = clouds(0.1)
    found = measure_features(easy, labels, 4)
    assert found.starts == LEAST_STARTS
    assert found.agreeing >= AGREEING
    hard, labels = clouds(9.0)
    found = measure_features(hard, labels, 12)
    assert found.agreeing < AGREEING
    centered = hard - hard.mean(axis=0)
    single = [
        adjusted_rand_score(labels, KMeans(12, n_init=1, random_state=seed).fit_predict(centered))
        for seed in range(found.starts)
    ]
    # Other starts, of which a standard deviation has an error of a sixth.
    assert found.starts == MOST_STARTS
    assert found.start_std == pytest.approx(np.std(single, ddof=1), rel=0.4)


def test_few_features_fill_what_there_is() -> None:
    features, labels = clouds(1.0)
    found = measure_features(features[:, :2], labels, 4)
    assert found.coordinates.shape == (120, 3)
    assert not found.coordinates[:, 2].any()
    assert found.explained[2] == 0
    assert sum(found.explained) == pytest.approx(1)


def test_features_that_are_all_alike_agree_with_nothing() -> None:
    found = measure_features(np.ones((6, 5)), np.arange(6) % 3, 3)
    assert not found.coordinates.any()
    assert found.explained == (0, 0, 0)
    assert found.adjusted_rand == 0


def test_there_may_be_more_classes_than_images() -> None:
    features, labels = clouds(1.0)
    assert 0 <= measure_features(features[:3], labels[:3], 4).mutual_information <= 1


def test_it_gives_the_same_again() -> None:
    features, labels = clouds(9.0)
    one, other = (measure_features(features, labels, 4) for _ in range(2))
    np.testing.assert_array_equal(one.coordinates, other.coordinates)
    assert one.adjusted_rand == other.adjusted_rand
