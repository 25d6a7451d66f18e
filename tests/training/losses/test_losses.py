"""Every loss: its gradient against finite differences, and its formula in PyTorch against NumPy."""

from collections.abc import Callable
from typing import Final

import numpy as np
import pytest
import torch

from seedbed.engines.torch.losses import loss_per_image
from seedbed.training.losses.active_negative import MOST, ActiveNegative
from seedbed.training.losses.active_passive import ActivePassive
from seedbed.training.losses.base import TINY, Floats, Loss, ProbabilityLoss, one_hot
from seedbed.training.losses.bootstrapping import HardBootstrapping, SoftBootstrapping
from seedbed.training.losses.cross_entropy import CrossEntropy
from seedbed.training.losses.generalized_cross_entropy import GeneralizedCrossEntropy
from seedbed.training.losses.mean_absolute_error import MeanAbsoluteError
from seedbed.training.losses.registry import LOSSES
from seedbed.training.losses.symmetric_cross_entropy import A, SymmetricCrossEntropy

GENERATOR = np.random.Generator(np.random.Philox(0))
IMAGES, CLASSES = 40, 5
LOGITS: Final[Floats] = GENERATOR.normal(0, 2, (IMAGES, CLASSES))
SOFT: Final[Floats] = GENERATOR.dirichlet(np.ones(CLASSES), IMAGES)
HARD: Final[Floats] = one_hot(GENERATOR.integers(0, CLASSES, IMAGES), CLASSES)
TRANSITION: Final[Floats] = GENERATOR.dirichlet(np.ones(CLASSES), CLASSES)

EVERY: Final[list[Loss]] = [
    *(kind() for kind in LOSSES.values()),
    GeneralizedCrossEntropy(q=0.05),
    GeneralizedCrossEntropy(q=1),
]
OF_PROBABILITIES: Final = [each for each in EVERY if isinstance(each, ProbabilityLoss)]
TARGETS = pytest.mark.parametrize("targets", [HARD, SOFT], ids=["labels", "soft targets"])


def named(loss: Loss) -> str:
    return "-".join([loss.name, *(f"{name}={value}" for name, value in loss.parameters.items())])


def differences(per_image: Callable[[Floats], Floats], at: Floats) -> Floats:
    """Return the derivative of each image's loss with respect to each number, by differences."""
    steps = 1e-6 * np.eye(at.shape[1])
    rises = [per_image(at + step) - per_image(at - step) for step in steps]
    return np.stack(rises, axis=1) / 2e-6


@pytest.mark.parametrize("loss", EVERY, ids=named)
@TARGETS
def test_the_gradient_is_that_of_the_formula(loss: Loss, targets: Floats) -> None:
    expected = differences(lambda logits: loss.per_image(logits, targets), LOGITS)
    # The rounding of the two losses, of which the joint asymmetric one is large.
    atol = max(1e-8, 2e-16 * float(abs(loss.per_image(LOGITS, targets)).max()) / 1e-6)
    np.testing.assert_allclose(loss.gradient(LOGITS, targets), expected, rtol=1e-6, atol=atol)


@pytest.mark.parametrize("loss", OF_PROBABILITIES, ids=named)
@TARGETS
def test_the_gradient_through_a_transition_matrix(loss: ProbabilityLoss, targets: Floats) -> None:
    expected = differences(lambda logits: loss.per_image(logits, targets, TRANSITION), LOGITS)
    found = loss.gradient(LOGITS, targets, TRANSITION)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
    assert np.abs(found - loss.gradient(LOGITS, targets)).max() > 0.01


@pytest.mark.parametrize("loss", OF_PROBABILITIES, ids=named)
@TARGETS
def test_no_transition_is_the_identity(loss: ProbabilityLoss, targets: Floats) -> None:
    """Cross-entropy has a formula of its own for logits alone."""
    identity = np.eye(CLASSES)
    np.testing.assert_allclose(
        loss.per_image(LOGITS, targets, identity), loss.per_image(LOGITS, targets), rtol=1e-12
    )
    np.testing.assert_allclose(
        loss.gradient(LOGITS, targets, identity),
        loss.gradient(LOGITS, targets),
        rtol=1e-12,
        atol=1e-15,
    )


@pytest.mark.parametrize("loss", EVERY, ids=named)
@TARGETS
def test_pytorch_computes_the_same_loss_and_gradient(loss: Loss, targets: Floats) -> None:
    logits = torch.tensor(LOGITS, requires_grad=True)
    found = loss_per_image(loss, logits, torch.tensor(targets))
    found.sum().backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    np.testing.assert_allclose(found.detach(), loss.per_image(LOGITS, targets), rtol=1e-12)
    np.testing.assert_allclose(logits.grad, loss.gradient(LOGITS, targets), rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("loss", OF_PROBABILITIES, ids=named)
def test_pytorch_computes_the_same_through_a_transition_matrix(loss: ProbabilityLoss) -> None:
    logits = torch.tensor(LOGITS, requires_grad=True)
    found = loss_per_image(loss, logits, torch.tensor(HARD), torch.tensor(TRANSITION))
    found.sum().backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    expected = loss.per_image(LOGITS, HARD, TRANSITION)
    np.testing.assert_allclose(found.detach(), expected, rtol=1e-12)
    gradient = loss.gradient(LOGITS, HARD, TRANSITION)
    np.testing.assert_allclose(logits.grad, gradient, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("loss", EVERY, ids=named)
@pytest.mark.parametrize("size", [200, 1e4, 1e30])
def test_logits_of_any_size_have_a_finite_loss_and_gradient(loss: Loss, size: float) -> None:
    """Probabilities underflow to 0 there, in float32 above all."""
    for targets in (HARD, SOFT):
        assert np.isfinite(loss.per_image(LOGITS * size, targets)).all()
        assert np.isfinite(loss.gradient(LOGITS * size, targets)).all()
        logits = torch.tensor(LOGITS * size, dtype=torch.float32, requires_grad=True)
        found = loss_per_image(loss, logits, torch.tensor(targets, dtype=torch.float32))
        found.sum().backward()  # type: ignore[no-untyped-call]
        assert logits.grad is not None
        assert found.isfinite().all()
        assert logits.grad.isfinite().all()


def test_the_smallest_probability_with_a_logarithm_is_a_float32() -> None:
    assert np.float32(TINY) == np.finfo(np.float32).tiny


@TARGETS
def test_generalized_cross_entropy_lies_between_cross_entropy_and_half_the_mae(
    targets: Floats,
) -> None:
    near_0 = GeneralizedCrossEntropy(q=0.01).per_image(LOGITS, targets)
    np.testing.assert_allclose(near_0, CrossEntropy().per_image(LOGITS, targets), rtol=0.1)
    half = MeanAbsoluteError().per_image(LOGITS, HARD) / 2
    np.testing.assert_allclose(GeneralizedCrossEntropy(q=1).per_image(LOGITS, HARD), half)


def test_generalized_cross_entropy_of_one_probability() -> None:
    """Its formula with the q of the paper: (1 - 0.5^0.7) / 0.7."""
    loss = GeneralizedCrossEntropy().per_image(np.zeros((1, 2)), np.array([[0.0, 1.0]]))
    assert loss == pytest.approx([0.5491825618964884], rel=1e-14)


def test_known_cases_of_the_robust_losses() -> None:
    p, t = np.array([[0.7, 0.2, 0.1]]), np.array([[0.0, 1.0, 0.0]])
    logits, label = np.log(p), -np.log(0.2)
    active = label / -np.log(p).sum()
    negative = MOST + np.log(p)
    assert pytest.approx(9.210340371976182) == A
    expected = {
        SymmetricCrossEntropy(alpha=2, beta=3): 2 * label + 3 * A * 0.8,
        ActivePassive(alpha=2, beta=3): 2 * active + 3 * A * 0.8,
        ActiveNegative(alpha=2, beta=3): 2 * active + 3 * (1 - negative[0, 1] / negative.sum()),
        LOSSES["joint-asymmetric"](): active + (0.7**2 + (0.2 - 30) ** 2 + 0.1**2) / 3,
        HardBootstrapping(beta=0.6): 0.6 * label - 0.4 * np.log(0.7),
        SoftBootstrapping(beta=0.6): 0.6 * label - 0.4 * (p * np.log(p)).sum(),
    }
    for loss, value in expected.items():
        assert loss.per_image(logits, t) == pytest.approx([value], rel=1e-12), loss.name


def test_the_sum_over_all_labels_is_constant_for_losses_that_withstand_symmetric_noise() -> None:
    """Ghosh et al. 2017, theorem 1: then symmetric noise does not change the minimizer."""
    rows = [np.tile(row, (IMAGES, 1)) for row in np.eye(CLASSES)]
    sums = {
        loss.name: sum(loss.per_image(LOGITS, row) for row in rows)
        for loss in (ActivePassive(), ActiveNegative(), SymmetricCrossEntropy(alpha=0))
    }
    assert sums["active-passive"] == pytest.approx(1 + A * (CLASSES - 1))
    assert sums["active-negative"] == pytest.approx(CLASSES)
    assert sums["symmetric-cross-entropy"] == pytest.approx(A * (CLASSES - 1))
