"""Loss and accuracy against scikit-learn and PyTorch."""

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, log_loss

from seedbed.training.metrics import accuracy, mean_loss

GENERATOR = np.random.Generator(np.random.Philox(0))
LOGITS = GENERATOR.normal(0, 5, (500, 7)).astype(np.float32)
LABELS = GENERATOR.integers(0, 7, 500)


def test_cross_entropy_agrees_with_scikit_learn() -> None:
    probabilities = torch.softmax(torch.tensor(LOGITS, dtype=torch.float64), dim=1).numpy()
    expected = log_loss(LABELS, probabilities, labels=range(7))
    assert mean_loss("cross-entropy", LOGITS, LABELS) == pytest.approx(expected, rel=1e-12)


def test_cross_entropy_of_logits_whose_exponentials_overflow() -> None:
    huge = np.array([[3e38, -3e38], [-1e5, 1e5]], np.float32)
    assert mean_loss("cross-entropy", huge, np.array([0, 1])) == 0
    assert mean_loss("cross-entropy", huge[1:], np.array([0])) == pytest.approx(2e5)


def test_cross_entropy_is_that_of_the_float32_logits_in_float64() -> None:
    expected = torch.nn.functional.cross_entropy(
        torch.tensor(LOGITS, dtype=torch.float64), torch.tensor(LABELS)
    )
    assert mean_loss("cross-entropy", LOGITS, LABELS) == pytest.approx(expected.item(), rel=1e-14)


def test_the_arguments_are_left_as_they_were() -> None:
    before = LOGITS.copy()
    mean_loss("cross-entropy", LOGITS, LABELS)
    np.testing.assert_array_equal(LOGITS, before)


def test_a_logit_that_is_not_a_number_shows() -> None:
    logits = np.array([[0, np.nan], [1, 0]], np.float32)
    assert np.isnan(mean_loss("cross-entropy", logits, np.array([0, 0])))


def test_accuracy_agrees_with_scikit_learn() -> None:
    expected = accuracy_score(LABELS, LOGITS.argmax(axis=1))
    assert accuracy(LOGITS, LABELS) == expected
    assert accuracy(LOGITS[:1], LOGITS[:1].argmax(axis=1)) == 1


def test_the_first_of_equal_logits_wins() -> None:
    assert accuracy(np.zeros((2, 3), np.float32), np.array([0, 1])) == 0.5
