"""Loss and accuracy against scikit-learn and PyTorch."""

import numpy as np
import pytest
import torch
from sklearn.metrics import accuracy_score, log_loss

import reference_training
from seedbed.training.losses.registry import LOSSES
from seedbed.training.metrics import accuracy, mean_loss
from seedbed.training.recipe import Recipe

GENERATOR = np.random.Generator(np.random.Philox(0))
LOGITS = GENERATOR.normal(0, 5, (500, 7)).astype(np.float32)
LABELS = GENERATOR.integers(0, 7, 500)


def test_cross_entropy_agrees_with_scikit_learn() -> None:
    probabilities = torch.softmax(torch.tensor(LOGITS, dtype=torch.float64), dim=1).numpy()
    expected = log_loss(LABELS, probabilities, labels=range(7))
    assert mean_loss(LOSSES["cross-entropy"](), LOGITS, LABELS) == pytest.approx(
        expected, rel=1e-12
    )


@pytest.mark.parametrize("classes", [1, 2, 7])
@pytest.mark.parametrize("loss", LOSSES)
def test_losses_are_those_of_the_float32_logits_in_float64(loss: str, classes: int) -> None:
    logits, labels = LOGITS[:, :classes], LABELS % classes
    # Smoothing belongs to training: what is measured has none.
    expected = reference_training.loss(
        Recipe(loss=loss), torch.tensor(logits, dtype=torch.float64), labels
    )
    assert mean_loss(LOSSES[loss](), logits, labels) == pytest.approx(expected.item(), rel=1e-13)


@pytest.mark.parametrize(
    ("loss", "right", "wrong"),
    [("cross-entropy", 0, 2e5), ("brier", 0, 2), ("mae", 0, 2), ("binary-cross-entropy", 0, 2e5)],
)
def test_losses_of_logits_whose_exponentials_overflow(
    loss: str, right: float, wrong: float
) -> None:
    huge = np.array([[-1e5, 1e5]], np.float32)
    assert mean_loss(LOSSES[loss](), huge, np.array([1])) == right
    assert mean_loss(LOSSES[loss](), huge, np.array([0])) == pytest.approx(wrong)
    assert mean_loss(LOSSES[loss](), np.array([[3e38, -3e38]], np.float32), np.array([0])) == right


@pytest.mark.parametrize("loss", LOSSES)
def test_the_arguments_are_left_as_they_were(loss: str) -> None:
    before = LOGITS.copy()
    mean_loss(LOSSES[loss](), LOGITS, LABELS)
    np.testing.assert_array_equal(LOGITS, before)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_logit_that_is_not_a_number_shows(loss: str) -> None:
    logits = np.array([[0, np.nan], [1, 0]], np.float32)
    assert np.isnan(mean_loss(LOSSES[loss](), logits, np.array([0, 0])))


def test_accuracy_agrees_with_scikit_learn() -> None:
    expected = accuracy_score(LABELS, LOGITS.argmax(axis=1))
    assert accuracy(LOGITS, LABELS) == expected
    assert accuracy(LOGITS[:1], LOGITS[:1].argmax(axis=1)) == 1


def test_the_first_of_equal_logits_wins() -> None:
    assert accuracy(np.zeros((2, 3), np.float32), np.array([0, 1])) == 0.5
