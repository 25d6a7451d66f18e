"""What every method declares, and the algebra that the contract rests on."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from seedbed.training.methods.registry import METHODS

LABEL, WEIGHT = 2, 3.0


def test_networks_have_names_that_a_checkpoint_can_hold() -> None:
    for method in METHODS.values():
        assert method.predicts in method.networks
        assert not {"best", "method"} & set(method.networks)
        assert not any("/" in network for network in method.networks)


def test_a_target_row_gives_the_gradient_of_early_learning_regularization() -> None:
    """As the architecture page has it, against finite differences."""
    generator = np.random.default_rng(0)
    logits, mean = generator.normal(size=5), generator.dirichlet(np.ones(5)) * 0.8

    def loss(z: NDArray[np.float64]) -> float:
        regularization = WEIGHT * np.log(1 - mean @ softmax(z))
        return float(-log_softmax(z)[LABEL] + regularization)

    step = 1e-6
    expected = [
        (loss(logits + move) - loss(logits - move)) / (2 * step) for move in step * np.eye(5)
    ]
    p = softmax(logits)
    s = mean @ p
    row = np.eye(5)[LABEL] + WEIGHT * p * (mean - s) / (1 - s)
    assert abs(row.sum() - 1) < 1e-12
    np.testing.assert_allclose(p - row, expected, atol=1e-8)
