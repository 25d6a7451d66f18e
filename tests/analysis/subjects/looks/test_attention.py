"""Attention rollout against its formula token by token; similarity and components against SciPy."""

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA

from seedbed.analysis.subjects.looks.attention import (
    attention_rollout,
    patch_relevance,
    position_similarity,
    principal_filters,
)


def softmaxed(random: np.random.Generator, *shape: int) -> np.ndarray:
    powers = np.exp(random.normal(size=shape))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))


def test_rollout_follows_every_path_through_the_blocks() -> None:
    random = np.random.default_rng(0)
    blocks = [softmaxed(random, 2, 3, 4, 4) for _ in range(2)]
    found = attention_rollout(blocks, residual=0.5)
    for image in range(2):
        first, second = (
            0.5 * np.mean([head[image, h] for h in range(3)], axis=0) + 0.5 * np.eye(4)
            for head in blocks
        )
        for end in range(4):
            for start in range(4):
                paths = sum(second[end, way] * first[way, start] for way in range(4))
                np.testing.assert_allclose(found[image, end, start], paths)
    np.testing.assert_allclose(found.sum(axis=-1), 1)


def test_tokens_that_keep_to_themselves_hold_nothing_else() -> None:
    blocks = [softmaxed(np.random.default_rng(0), 1, 2, 5, 5)]
    np.testing.assert_array_equal(attention_rollout(blocks, residual=1.0), np.eye(5)[None])


def test_relevance_is_that_of_the_class_token_without_itself() -> None:
    rollout = np.array([[[0.4, 0.1, 0.2, 0.3]] + [[0.25] * 4] * 3])
    found = patch_relevance(rollout, (1, 3), class_token=True)
    np.testing.assert_allclose(found, [[[1 / 6, 2 / 6, 3 / 6]]])


def test_relevance_without_a_class_token_is_the_mean_over_tokens() -> None:
    rollout = softmaxed(np.random.default_rng(1), 2, 6, 6)
    found = patch_relevance(rollout, (2, 3), class_token=False)
    np.testing.assert_allclose(found, rollout.mean(axis=1).reshape(2, 2, 3))


def test_similarity_is_the_cosine_of_patches_without_the_class_token() -> None:
    positions = np.random.default_rng(2).normal(size=(7, 5))
    found = position_similarity(positions, (2, 3))
    expected = 1 - cdist(positions[1:], positions[1:], "cosine")
    np.testing.assert_allclose(found.reshape(6, 6), expected)
    np.testing.assert_allclose(found[1, 2, 1, 2], 1)


def test_a_position_of_zeros_is_like_none() -> None:
    assert not position_similarity(np.zeros((4, 3)), (2, 2)).any()


def test_components_are_those_of_scikit_learn() -> None:
    weight = np.random.default_rng(3).normal(size=(30, 3, 4, 4))
    found = principal_filters(weight, 5)
    assert found.shape == (5, 3, 4, 4)
    expected = PCA(5).fit(weight.reshape(30, -1)).components_
    alike = np.abs(np.sum(found.reshape(5, -1) * expected, axis=1))
    np.testing.assert_allclose(alike, 1)
    largest = [each.ravel()[np.abs(each).argmax()] for each in found]
    assert min(largest) > 0


def test_there_are_no_more_components_than_filters_tell_apart() -> None:
    weight = np.random.default_rng(4).normal(size=(4, 1, 3, 3))
    assert len(principal_filters(weight, 28)) == 3
    assert len(principal_filters(np.ones((4, 1, 3, 3)), 28)) == 0
