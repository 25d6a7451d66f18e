"""Macro AUC, its influences and intervals, against independent oracles."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from seedbed.analysis.statistics.measures.auc import macro_auc
from seedbed.analysis.statistics.measures.influence import with_measured_intervals

SIZES = (60, 30, 15, 9)


def drawn(
    n: int, generator: np.random.Generator, sizes: tuple[int, ...] = SIZES
) -> tuple[NDArray[np.int64], list[NDArray[np.float64]]]:
    """Return labels and probabilities of runs, rounded so that there are ties."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    own = np.eye(len(sizes))[labels]
    shared = generator.normal(0, 1, own.shape) + 1.2 * own
    logits = [shared + generator.normal(0, 0.6, own.shape) for _ in range(n)]
    exponentials = [np.exp(z) for z in logits]
    return labels, [(e / e.sum(axis=1, keepdims=True)).round(3) for e in exponentials]


def of_sklearn(labels: NDArray[np.int64], scores: NDArray[np.float64], **options: object) -> float:
    classes = range(scores.shape[1])
    return float(np.mean([roc_auc_score(labels == k, scores[:, k], **options) for k in classes]))


def test_the_values_are_those_of_scikit_learn() -> None:
    labels, runs = drawn(3, np.random.default_rng(0))
    measure = macro_auc(labels, runs)
    assert measure is not None
    assert measure.values == pytest.approx([of_sklearn(labels, run) for run in runs], abs=1e-12)


def test_classes_without_images_do_not_count() -> None:
    labels, (scores,) = drawn(1, np.random.default_rng(0))
    wider = np.concatenate([scores, np.zeros((len(labels), 1))], axis=1)
    measure, plain = macro_auc(labels, [wider]), macro_auc(labels, [scores])
    assert measure is not None
    assert plain is not None
    assert measure.values == pytest.approx(plain.values)
    assert macro_auc(np.zeros(5, np.int64), [np.eye(5)]) is None


def test_an_influence_is_the_derivative_by_the_weight_of_an_image() -> None:
    labels, (scores,) = drawn(1, np.random.default_rng(1), (40, 25))
    measure = macro_auc(labels, [scores])
    assert measure is not None
    assert measure.influence is not None
    for image in range(0, len(labels), 7):
        ends = []
        for change in (1e-5, -1e-5):
            weights = np.ones(len(labels))
            weights[image] += change
            ends.append(of_sklearn(labels, scores, sample_weight=weights))
        size = np.bincount(labels)[labels[image]]
        derivative = len(labels) * (ends[0] - ends[1]) / 2e-5 * np.sqrt(size / (size - 1))
        assert measure.influence[0, image] == pytest.approx(derivative, rel=1e-5, abs=1e-6)


def test_the_variance_of_a_run_is_that_of_delong() -> None:
    labels, (scores,) = drawn(1, np.random.default_rng(2), (40, 25))
    measure = macro_auc(labels, [scores])
    assert measure is not None
    assert measure.influence is not None
    positive, negative = scores[labels == 1, 1], scores[labels == 0, 1]
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    delong = wins.mean(axis=1).var(ddof=1) / 25 + wins.mean(axis=0).var(ddof=1) / 40
    found = np.square(measure.influence[0]).sum() / len(labels) ** 2
    assert found == pytest.approx(delong, rel=0.02)  # the two classes' scores are rounded


def test_the_interval_for_new_images_holds_the_auc_of_new_images_and_seeds() -> None:
    labels, runs = drawn(20, np.random.default_rng(3), tuple(20 * size for size in SIZES))
    large = macro_auc(labels, runs)
    assert large is not None
    true = float(large.values.mean())
    generator, held = np.random.default_rng(4), 0
    for _ in range(200):
        measure = macro_auc(*drawn(3, generator))
        assert measure is not None
        interval = with_measured_intervals(measure).interval_new_images
        assert interval is not None
        held += interval.low <= true <= interval.high
    assert 0.92 <= held / 200 <= 0.985  # 95% ± 2 standard deviations of 200 draws


def test_a_class_with_a_single_image_cannot_show_how_much_images_vary() -> None:
    labels = np.array([0, 0, 0, 1])
    measure = macro_auc(labels, [np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.3, 0.7]])])
    assert measure is not None
    assert measure.influence is None
