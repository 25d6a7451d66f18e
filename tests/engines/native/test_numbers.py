"""Functions of one number over their whole range, and numbers that are none."""

import numpy as np
import pytest
import scipy.special
import torch
from numpy.typing import NDArray

import reference
import reference_training
from kernels import Kernels, Weights, engine_logits, task_of, weights_of
from seedbed.engines.native.engine import NativeEngine, supported_instructions
from seedbed.networks.layers import (
    Activation,
    AvgPool2d,
    Flatten,
    Layer,
    MaxPool2d,
)
from seedbed.training.engine import RunTask
from seedbed.training.losses.registry import LOSSES
from seedbed.training.weights import flat_weights
from short_layers import conv, linear

ACTIVATIONS = (
    Activation("relu"),
    Activation("leaky-relu", negative_slope=0.3),
    Activation("elu"),
    Activation("elu", alpha=0.5),
    Activation("sigmoid"),
    Activation("tanh"),
)
SIZES = np.concatenate([np.geomspace(1e-45, 1e-3, 60), np.linspace(2e-3, 100, 601), [1e3, 1e30]])
RANGE = np.concatenate([-SIZES[::-1], [0], SIZES]).astype(np.float32)


@pytest.fixture(params=supported_instructions(), scope="module")
def engine(request: pytest.FixtureRequest) -> NativeEngine:
    return NativeEngine(request.param)


def through(
    engine: NativeEngine, activation: Activation, values: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the activation of biases, carried to the logits by a layer that changes nothing."""
    count = len(values)
    task = task_of(
        Flatten(), linear(count), activation, linear(count), image_shape=(1, 1, 1), classes=count
    )
    weights = {
        "fc1.weight": np.zeros((count, 1), np.float32),
        "fc1.bias": values,
        "fc2.weight": np.eye(count, dtype=np.float32),
        "fc2.bias": np.zeros(count, np.float32),
    }
    (logits,) = engine_logits(engine, task, weights, task.dataset.test.images[:1])
    return np.asarray(logits)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_from_denormal_to_huge_numbers(
    activation: Activation, engine: NativeEngine
) -> None:
    _, module = reference._module(activation, torch.zeros(0))
    expected = module(torch.tensor(RANGE, dtype=torch.float64)).numpy()
    found = through(engine, activation, RANGE)
    # A sigmoid of less than the smallest normal number may be anything that small.
    np.testing.assert_allclose(found, expected, rtol=5e-7, atol=1.2e-38)


def test_gelu_from_denormal_to_huge_numbers(engine: NativeEngine) -> None:
    """Far out on the left, where it is next to nothing, as many digits as e^(-x²/2) has."""
    # PyTorch's own, even in float64, has no digits left there.
    expected = RANGE.astype(np.float64) * scipy.special.ndtr(RANGE.astype(np.float64))
    found = through(engine, Activation("gelu"), RANGE)
    near = RANGE > -1
    np.testing.assert_allclose(found[near], expected[near], rtol=1e-6, atol=1.2e-38)
    np.testing.assert_allclose(found[~near], expected[~near], rtol=2e-5, atol=1e-35)
    assert np.abs(found[~near] - expected[~near]).max() < 2e-7


def biases(logits: NDArray[np.float32], loss: str, smoothing: float) -> tuple[RunTask, Weights]:
    """Return a run of noise labels, and weights with which all its logits are biases."""
    classes = len(logits)
    task = task_of(
        Flatten(),
        linear(classes),
        image_shape=(1, 1, 1),
        classes=classes,
        loss=loss,
        label_smoothing=smoothing,
    )
    return task, {"fc1.weight": np.zeros((classes, 1), np.float32), "fc1.bias": logits}


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("size", [1e-30, 1e-3, 1, 30, 80, 200, 1e4, 1e30])
@pytest.mark.parametrize("loss", LOSSES)
def test_losses_of_logits_of_any_size(
    loss: str, size: float, smoothing: float, engine: NativeEngine
) -> None:
    logits = np.array([0.3, -1, 0.9, 0.1, 1], np.float32) * np.float32(size)
    task, weights = biases(logits, loss, smoothing)
    known = torch.tensor(logits, dtype=torch.float64, requires_grad=True)
    expected = reference_training.loss(
        task.recipe, known.expand(40, 5), task.dataset.train.labels[:40]
    )
    expected.backward()  # type: ignore[no-untyped-call]
    assert known.grad is not None
    found = Kernels(engine, task).gradient(weights, np.arange(40))
    assert found.loss == pytest.approx(expected.item(), rel=1e-6)
    np.testing.assert_allclose(found.weights["fc1.bias"], known.grad.numpy(), rtol=0, atol=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, 1, 4])
@pytest.mark.parametrize("loss", LOSSES)
def test_a_logit_that_is_not_finite_shows_in_the_loss(
    loss: str, place: int, value: float, smoothing: float, engine: NativeEngine
) -> None:
    logits = np.zeros(5, np.float32)
    logits[place] = value
    task, weights = biases(logits, loss, smoothing)
    assert not np.isfinite(Kernels(engine, task).gradient(weights, np.arange(40)).loss)


POOLS: tuple[Layer | None, ...] = (None, MaxPool2d(2), MaxPool2d(3, 2), AvgPool2d(2))


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_nothing_hides_a_weight_that_is_not_a_number(
    activation: Activation, pool: Layer | None, engine: NativeEngine
) -> None:
    """A ReLU, a maximum or an exponential that is clamped easily would."""
    between = (activation,) if pool is None else (activation, pool)
    task = task_of(conv(3, 2), *between, Flatten(), linear(3), image_shape=(7, 6, 1))
    weights = weights_of(task)
    weights["conv1.bias"][1] = np.nan
    assert np.isnan(Kernels(engine, task).gradient(weights, np.arange(20)).loss)
    assert np.isnan(engine_logits(engine, task, weights, task.dataset.test.images)).all()


@pytest.mark.parametrize("place", range(4))
def test_a_maximum_with_a_value_that_is_not_a_number_is_none(
    place: int, engine: NativeEngine
) -> None:
    """Wherever in its window that value stands: here one pixel in four meets an infinite weight."""
    task = task_of(conv(1, 2), MaxPool2d(2), Flatten(), linear(3), image_shape=(3, 3, 1))
    weights = weights_of(task)
    # Normalized pixels are centered: infinity times two pixels of either sign is no number.
    weights["conv1.weight"] = np.full((1, 1, 2, 2), np.inf, np.float32)
    images = np.full((1, 3, 3, 1), 255, np.uint8)
    row, column = divmod(place, 2)
    images[0, row * 2, column * 2, 0] = 0  # a corner, which one window sees
    assert np.isnan(engine_logits(engine, task, weights, images)).all()


def test_the_last_weight_is_the_last_bias(engine: NativeEngine) -> None:
    """In sizes that no number of lanes divides, it moves the last logit and no other."""
    task = task_of(Flatten(), linear(19), linear(35), image_shape=(5, 7, 3), classes=35)
    weights = weights_of(task)
    before = engine_logits(engine, task, weights, task.dataset.test.images)
    flat = flat_weights(task, weights)
    flat[-1] += 1
    weights["fc2.bias"] = flat[-35:]
    after = engine_logits(engine, task, weights, task.dataset.test.images)
    np.testing.assert_array_equal(after[:, :-1], before[:, :-1])
    np.testing.assert_allclose(after[:, -1], before[:, -1] + 1, rtol=1e-5)
