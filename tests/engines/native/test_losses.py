"""Every loss applies its softmax or its sigmoid to the logits, and applies it once."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit, softmax, xlog1py, xlogy

from kernels import Kernels, engine_logits, task_of, weights_of
from seedbed.engines.native.engine import Instructions, NativeEngine, supported_instructions
from seedbed.networks.layers import Flatten
from seedbed.training.losses.registry import LOSSES
from seedbed.training.metrics import mean_loss
from short_layers import linear

CLASSES: Final = 5
Floats: TypeAlias = NDArray[np.float64]


def _normalized(p: Floats, t: Floats) -> Floats:
    log_p = np.log(p)
    share = (t * log_p).sum(axis=1, keepdims=True) / log_p.sum(axis=1, keepdims=True)
    return np.asarray(share / CLASSES * np.ones(CLASSES))


def _negative(p: Floats, t: Floats) -> Floats:
    n = np.maximum(np.log(p) - np.log(1e-7), 0)
    return np.asarray(1 / CLASSES - t * n / n.sum(axis=1, keepdims=True))


def _hard(p: Floats, t: Floats) -> Floats:
    return np.asarray(-(0.8 * t + 0.2 * np.eye(CLASSES)[p.argmax(axis=1)]) * np.log(p))


def of_softmax(logits: Floats) -> Floats:
    return np.asarray(softmax(logits, axis=1))


# What the logits are squashed by, and the documented formula of what comes out and the targets.
FORMULAS: Final[
    Mapping[str, tuple[Callable[[Floats], Floats], Callable[[Floats, Floats], Floats]]]
] = {
    "cross-entropy": (of_softmax, lambda p, t: -xlogy(t, p)),
    "brier": (of_softmax, lambda p, t: (p - t) ** 2),
    "mae": (of_softmax, lambda p, t: abs(p - t)),
    "generalized-cross-entropy": (of_softmax, lambda p, t: t * (1 - p**0.7) / 0.7),
    "symmetric-cross-entropy": (
        of_softmax,
        lambda p, t: -0.1 * xlogy(t, p) - np.log(1e-4) * t * (1 - p),
    ),
    "active-passive": (
        of_softmax,
        lambda p, t: _normalized(p, t) - np.log(1e-4) * (1 / CLASSES - t * p),
    ),
    "active-negative": (of_softmax, lambda p, t: _normalized(p, t) + _negative(p, t)),
    "joint-asymmetric": (
        of_softmax,
        lambda p, t: _normalized(p, t) + (p - 30 * t) ** 2 / CLASSES,
    ),
    "soft-bootstrapping": (of_softmax, lambda p, t: -(0.95 * t + 0.05 * p) * np.log(p)),
    "hard-bootstrapping": (of_softmax, _hard),
    "binary-cross-entropy": (expit, lambda s, t: -xlogy(t, s) - xlog1py(1 - t, -s)),
}


def mean(loss: str, logits: Floats, targets: Floats, times: int) -> float:
    """Return the mean loss of images whose logits are squashed so many times."""
    squash, formula = FORMULAS[loss]
    for _ in range(times):
        logits = squash(logits)
    return float(formula(logits, targets).sum(axis=1).mean())


def slopes(loss: str, logits: Floats, targets: Floats, times: int) -> Floats:
    """Return by finite differences how that rises with the bias of each class."""
    steps = 1e-5 * np.eye(CLASSES)
    rises = [
        mean(loss, logits + step, targets, times) - mean(loss, logits - step, targets, times)
        for step in steps
    ]
    return np.array(rises) / 2e-5


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("loss", FORMULAS)
@pytest.mark.parametrize("instructions", supported_instructions())
def test_logits_are_squashed_once_and_not_twice(
    instructions: Instructions, loss: str, smoothing: float
) -> None:
    engine, order = NativeEngine(instructions), np.arange(64)
    layers = (Flatten(), linear(CLASSES))
    settings = {"loss": loss, "label_smoothing": smoothing}
    task = task_of(*layers, image_shape=(4, 5, 1), classes=CLASSES, **settings)
    train = task.dataset.train
    # Far from 0, where softmaxes and sigmoids are nearly straight.
    weights = {name: 3 * array for name, array in weights_of(task).items()}
    logits = engine_logits(engine, task, weights, train.images[order])
    sure = np.eye(CLASSES)[train.labels[order]]
    targets = sure * (1 - smoothing) + smoothing / CLASSES
    found = Kernels(engine, task).gradient(weights, order)

    values = [mean(loss, logits.astype(np.float64), targets, times) for times in (1, 2)]
    assert found.loss == pytest.approx(values[0], rel=1e-6)
    assert abs(found.loss - values[1]) > 100 * abs(found.loss - values[0])
    gradients = [slopes(loss, logits.astype(np.float64), targets, times) for times in (1, 2)]
    biases = found.weights["fc1.bias"]
    np.testing.assert_allclose(biases, gradients[0], rtol=0, atol=1e-6)
    assert abs(biases - gradients[1]).max() > 0.1 * abs(biases).max()
    # What is recorded after an epoch, too.
    recorded = mean_loss(LOSSES[loss](), logits, train.labels[order])
    assert recorded == pytest.approx(mean(loss, logits.astype(np.float64), sure, 1), rel=1e-12)
