"""Predictions made up for tests: random ones, and the degenerate ones that break formulas."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.predictions import Predictions


def made(
    images: int = 400,
    classes: int = 5,
    *,
    skill: float = 1.5,
    seed: int = 0,
    labels: NDArray[np.int64] | None = None,
) -> Predictions:
    """Return logits that favor the label by ``skill``; the labels do not depend on the seed."""
    if labels is None:
        labels = np.random.Generator(np.random.Philox(99)).integers(0, classes, images)
    generator = np.random.Generator(np.random.Philox(seed))
    logits = generator.normal(size=(len(labels), classes)).astype(np.float32)
    logits[np.arange(len(labels)), labels] += skill
    return Predictions(logits, labels, tuple("abcdefghijklmnopqrstuvwxyz"[:classes]))


def made_runs(
    n: int = 3, images: int = 400, classes: int = 5, skill: float = 1.5
) -> list[Predictions]:
    """Return runs of one configuration."""
    return [made(images, classes, skill=skill, seed=seed) for seed in range(n)]


def from_probabilities(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64]
) -> Predictions:
    """Return predictions from probabilities; classes are named by letters."""
    names = tuple("abcdefghijklmnopqrstuvwxyz"[: probabilities.shape[1]])
    return Predictions(probabilities, labels, names, "probabilities")


def contradictory() -> Predictions:
    """Return predictions that are right in 6 of 10 cases, with an AUC of less than one half.

    The right ones are right by a hair; in the others the right class is nearly the highest, so that
    over the images a high score says nothing.
    """
    images = np.arange(300)
    labels = images % 3
    right, wrong = np.full((300, 3), 0.33), np.full((300, 3), 0.01)
    right[images, labels] = 0.34
    wrong[images, (labels + 1) % 3] = 0.5
    wrong[images, (labels + 2) % 3] = 0.49
    is_right = images // 3 % 10 < 6
    return from_probabilities(np.where(is_right[:, None], right, wrong), labels)


def _absent_class() -> Predictions:
    labels = np.random.Generator(np.random.Philox(1)).integers(0, 4, 200)
    return made(classes=5, labels=labels)


def _never_predicted() -> Predictions:
    run = made(200, 4)
    logits = run.scores.copy()
    logits[:, 2] -= 100
    return Predictions(logits, run.labels, run.class_names)


def _ties() -> Predictions:
    generator = np.random.Generator(np.random.Philox(2))
    counts = generator.integers(0, 3, (300, 4)) + np.array([1, 0, 0, 0])
    return from_probabilities(
        counts / counts.sum(axis=1, keepdims=True), generator.integers(0, 4, 300)
    )


def _all_equal() -> Predictions:
    return from_probabilities(np.full((12, 4), 0.25), np.arange(12) % 4)


def _one_image() -> Predictions:
    return made(1, 3)


def _one_class_only() -> Predictions:
    return made(classes=3, labels=np.full(20, 1))


def _certain() -> Predictions:
    return from_probabilities(np.eye(3)[[0, 1, 2, 1, 0]], np.array([0, 1, 2, 0, 1]))


CASES: dict[str, Callable[[], Predictions]] = {
    "random": made,
    "two classes": lambda: made(100, 2),
    "hopeless": lambda: made(skill=0),
    "absent class": _absent_class,
    "class never predicted": _never_predicted,
    "ties": _ties,
    "all equal": _all_equal,
    "one image": _one_image,
    "one class only": _one_class_only,
    "certain": _certain,
}
"""By what is special about them."""
