"""Image weights, target rows and transition matrices, and the loss of every image."""

from importlib import import_module
from itertools import product
from typing import Any, Final

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import reference
import reference_training
from kernels import Kernels, Weights, engine_logits, task_of, weights_of
from native_calls import BATCH, CLASSES, IMAGES, built, group, train, training
from seedbed.engines.native.engine import NativeEngine, supported_instructions
from seedbed.networks.layers import BatchNorm2d, Dropout, Flatten
from seedbed.training.engine import RunTask
from seedbed.training.losses.base import ProbabilityLoss
from seedbed.training.losses.registry import LOSSES
from short_layers import conv, linear

OF_PROBABILITIES: Final = tuple(
    name for name, kind in LOSSES.items() if issubclass(kind, ProbabilityLoss)
)
ORDER: Final = np.arange(128)[::-1][:37].copy()
"""More than two groups of lanes, and part of another."""

Given = dict[str, Any]


@pytest.fixture(params=supported_instructions(), scope="module")
def engine(request: pytest.FixtureRequest) -> NativeEngine:
    return NativeEngine(request.param)


def random_given(classes: int, *names: str) -> Given:
    """Return random weights, target rows and a random transition matrix for 128 images."""
    generator = np.random.Generator(np.random.Philox(classes))
    given = {
        "image_weights": generator.uniform(0, 3, 128),
        "targets": generator.dirichlet(np.full(classes, 0.3), 128),
        "transition": generator.dirichlet(np.full(classes, 0.3), classes),
    }
    return {name: given[name].astype(np.float32) for name in names}


def task_with(loss: str, classes: int = 5, **settings: Any) -> tuple[RunTask, Weights]:
    """Return a linear network of this loss, with logits far from 0, and its weights."""
    task = task_of(
        Flatten(), linear(classes), image_shape=(4, 5, 1), classes=classes, loss=loss, **settings
    )
    return task, {name: 3 * array for name, array in weights_of(task).items()}


def float64_model(
    task: RunTask, weights: Weights, order: NDArray[np.int64]
) -> tuple[torch.nn.Module, torch.Tensor]:
    """Return PyTorch's network, and the images that it takes."""
    normalization = task.dataset.train.normalization()
    images = task.dataset.train.images[order] / 255
    inputs = ((images - normalization.mean) / normalization.std).transpose(0, 3, 1, 2)
    model = reference.module(task.network, task.dataset.image_shape, weights, torch.float64)
    return model, torch.tensor(inputs)


def logits_of(task: RunTask, weights: Weights, order: NDArray[np.int64]) -> torch.Tensor:
    """Return the logits in float64."""
    model, inputs = float64_model(task, weights, order)
    with torch.no_grad():
        logits = model(inputs)
    assert isinstance(logits, torch.Tensor)
    return logits


def losses_of(
    task: RunTask, logits: torch.Tensor, order: NDArray[np.int64], given: Given
) -> torch.Tensor:
    """Return the documented formula of each image's loss, without its weight."""
    classes, smoothing = logits.shape[1], task.recipe.label_smoothing
    labels = task.dataset.train.labels[order]
    rows = np.eye(classes)[labels] * (1 - smoothing) + smoothing / classes
    t = torch.tensor(given["targets"][order] if "targets" in given else rows, dtype=torch.float64)
    if task.recipe.loss.name == "binary-cross-entropy":
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, t, reduction="none")
        return loss.sum(dim=1)
    p = torch.softmax(logits, dim=1)
    if "transition" in given:
        p = p @ torch.tensor(given["transition"], dtype=torch.float64)
    of_class = {
        "cross-entropy": -torch.xlogy(t, p),
        "brier": (p - t) ** 2,
        "mae": (p - t).abs(),
        "generalized-cross-entropy": t * (1 - p**0.7) / 0.7,
    }
    if task.recipe.loss.name in of_class:
        return of_class[task.recipe.loss.name].sum(dim=1)
    return reference_training.robust_loss(task.recipe.loss.name, p.clamp(min=1e-300).log(), t)


NAMES: Final = ("image_weights", "targets", "transition")
SUBSETS: Final = [
    tuple(name for name, there in zip(NAMES, which, strict=True) if there)
    for which in product((False, True), repeat=3)
]


@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
@pytest.mark.parametrize("classes", [2, 10, 37])
@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_are_those_of_autograd(
    loss: str, classes: int, names: tuple[str, ...], engine: NativeEngine
) -> None:
    given = random_given(classes, *names)
    task, weights = task_with(loss, classes)
    kernels = Kernels(engine, task)
    if loss not in OF_PROBABILITIES and "transition" in given:
        with pytest.raises(ValueError, match="transition"):
            kernels.gradient(weights, ORDER, **given)
        return
    logits = logits_of(task, weights, ORDER).requires_grad_()
    losses = losses_of(task, logits, ORDER, given)
    scale = torch.tensor(given["image_weights"][ORDER] if "image_weights" in given else 1.0)
    mean = (losses * scale).mean()
    mean.backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None

    found = kernels.gradient(weights, ORDER, **given)

    assert found.loss == pytest.approx(mean.item(), rel=2e-6)
    np.testing.assert_allclose(found.losses, losses.detach().numpy(), rtol=2e-6, atol=2e-6)
    labels = task.dataset.train.labels[ORDER]
    assert found.correct == int((logits.argmax(dim=1).numpy() == labels).sum())
    # A bias of the last layer is added to a logit: its gradient is the sum of the logit's.
    bias = logits.grad.sum(dim=0).numpy()
    tolerance = 1e-5 * float(logits.grad.abs().sum(dim=0).max())
    np.testing.assert_allclose(found.weights["fc1.bias"], bias, rtol=0, atol=tolerance)


@pytest.mark.parametrize("loss", OF_PROBABILITIES)
def test_gradients_agree_with_finite_differences(loss: str, engine: NativeEngine) -> None:
    """Of the float64 formula, through all layers, with everything given at once."""
    task = task_of(conv(2, 2), Flatten(), linear(4), image_shape=(4, 5, 1), classes=4, loss=loss)
    weights, given, step = weights_of(task), random_given(4, *NAMES), 1e-6
    found = Kernels(engine, task).gradient(weights, ORDER, **given)
    model, inputs = float64_model(task, weights, ORDER)
    scale = torch.tensor(given["image_weights"][ORDER])
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            flat, gradient = parameter.view(-1), found.weights[name].ravel()
            place = int(np.abs(gradient).argmax())
            at, sides = flat[place].item(), []
            for moved in (at + step, at - step):
                flat[place] = moved
                sides.append((losses_of(task, model(inputs), ORDER, given) * scale).mean().item())
            flat[place] = at
            slope = (sides[0] - sides[1]) / (2 * step)
            assert gradient[place] == pytest.approx(slope, rel=1e-5), name


@pytest.mark.parametrize("loss", LOSSES)
def test_weights_of_one_and_rows_of_labels_change_no_bit(loss: str, engine: NativeEngine) -> None:
    task, weights = task_with(loss)
    kernels = Kernels(engine, task)
    rows = np.eye(5, dtype=np.float32)[task.dataset.train.labels]
    plain = kernels.gradient(weights, ORDER)
    given = kernels.gradient(weights, ORDER, image_weights=np.ones(128, np.float32), targets=rows)
    assert (given.loss, given.correct) == (plain.loss, plain.correct)
    np.testing.assert_array_equal(given.losses, plain.losses)
    for name, gradient in plain.weights.items():
        np.testing.assert_array_equal(given.weights[name], gradient)


@pytest.mark.parametrize("loss", OF_PROBABILITIES)
def test_the_identity_as_transition_changes_nothing(loss: str, engine: NativeEngine) -> None:
    task, weights = task_with(loss, label_smoothing=0.2)
    kernels = Kernels(engine, task)
    plain = kernels.gradient(weights, ORDER)
    given = kernels.gradient(weights, ORDER, transition=np.eye(5, dtype=np.float32))
    np.testing.assert_allclose(given.losses, plain.losses, rtol=5e-6)
    for name, gradient in plain.weights.items():
        atol = 5e-6 * float(np.abs(gradient).max())
        np.testing.assert_allclose(given.weights[name], gradient, rtol=0, atol=atol)


def test_images_of_weight_zero_add_nothing_and_tell_their_loss(engine: NativeEngine) -> None:
    task, weights = task_with("cross-entropy")
    kernels = Kernels(engine, task)
    half = ORDER[: len(ORDER) // 2]
    image_weights = np.zeros(128, np.float32)
    image_weights[half] = 1
    alone = kernels.gradient(weights, half)
    among = kernels.gradient(weights, ORDER, image_weights=image_weights)
    share = len(half) / len(ORDER)
    assert among.loss == pytest.approx(share * alone.loss, rel=1e-6)
    for name, gradient in alone.weights.items():
        np.testing.assert_allclose(among.weights[name], share * gradient, rtol=1e-4, atol=1e-7)
    np.testing.assert_array_equal(among.losses, kernels.gradient(weights, ORDER).losses)


@pytest.mark.parametrize("size", [1e-3, 1, 30, 200, 1e4])
@pytest.mark.parametrize("loss", OF_PROBABILITIES)
def test_transitions_of_logits_of_any_size(loss: str, size: float, engine: NativeEngine) -> None:
    """Also where a noisy class has next to no probability: its logarithm stays a number."""
    task, _ = task_with(loss)
    bias = np.array([0.3, -1, 0.9, 0.1, 1], np.float32) * np.float32(size)
    weights = {"fc1.weight": np.zeros((5, 20), np.float32), "fc1.bias": bias}
    flip = np.roll(np.eye(5, dtype=np.float32), 1, axis=1)
    given: Given = {"transition": flip}
    found = Kernels(engine, task).gradient(weights, ORDER, **given)
    assert all(np.isfinite(gradient).all() for gradient in found.weights.values())
    logits = logits_of(task, weights, ORDER)
    expected = losses_of(task, logits, ORDER, given).numpy()
    likelihood, _ = task_with("cross-entropy")
    # e^-87 is the smallest number that the kernels tell from 0.
    near = losses_of(likelihood, logits, ORDER, given).numpy() < 80
    assert near.any()
    np.testing.assert_allclose(found.losses[near], expected[near], rtol=2e-6, atol=2e-6)
    assert np.isfinite(found.losses).all()
    if loss == "cross-entropy":
        assert (found.losses[~near] > 80).all()


@pytest.mark.parametrize("number", [np.nan, np.inf])
@pytest.mark.parametrize("loss", OF_PROBABILITIES)
def test_a_transition_hides_no_logit_that_is_not_finite(
    loss: str, number: float, engine: NativeEngine
) -> None:
    task, weights = task_with(loss)
    broken = {name: array.copy() for name, array in weights.items()}
    broken["fc1.bias"][2] = number
    given = random_given(5, "transition")
    assert not np.isfinite(Kernels(engine, task).gradient(broken, ORDER, **given).loss)


@pytest.mark.parametrize("names", SUBSETS, ids="+".join)
def test_scores_are_those_of_the_same_images_in_training(
    names: tuple[str, ...], engine: NativeEngine
) -> None:
    """Of any number of images: a trainer takes 64 at most at a time here."""
    task, weights = task_with("cross-entropy", batch_size=8)
    given, order = random_given(5, *names), np.arange(128)[::-1].copy()
    loss, correct, losses = Kernels(engine, task).score(weights, order, **given)
    task, _ = task_with("cross-entropy", batch_size=128)
    found = Kernels(engine, task).gradient(weights, order, **given)
    assert loss == pytest.approx(found.loss, rel=1e-6)
    assert correct == found.correct
    np.testing.assert_allclose(losses, found.losses, rtol=1e-6)


def test_scores_are_those_of_evaluation(engine: NativeEngine) -> None:
    """Without dropout, and with the running statistics of batch norm."""
    layers = (conv(3, 2), BatchNorm2d(), Dropout(0.5), Flatten(), linear(3))
    task = task_of(*layers, image_shape=(5, 6, 1))
    weights, data = weights_of(task), task.dataset.train
    _, correct, losses = Kernels(engine, task).score(weights, np.arange(len(data)))
    logits = torch.tensor(engine_logits(engine, task, weights, data.images), dtype=torch.float64)
    labels = torch.tensor(data.labels)
    expected = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
    np.testing.assert_allclose(losses, expected.numpy(), rtol=1e-6, atol=1e-6)
    assert correct == int((logits.argmax(dim=1) == labels).sum())


@pytest.mark.parametrize("instructions", supported_instructions())
def test_the_losses_of_a_training_are_those_before_each_step(instructions: str) -> None:
    module = import_module(f"seedbed._native_{instructions}")
    trainer = built(module, "relu")
    arguments = training(trainer)
    scored = np.full(IMAGES, -1, np.float32)
    given = [group(module, name, arguments) for name in ("Batches", "Objective")]
    trainer.score(*given, arguments["weights"], scored)
    train(module, trainer, arguments)
    np.testing.assert_allclose(arguments["losses"][:BATCH], scored[:BATCH], rtol=1e-6)
    assert (arguments["losses"][BATCH:] != scored[BATCH:]).all()


@pytest.mark.parametrize("instructions", supported_instructions())
def test_without_labels_the_largest_target_is_a_hit(instructions: str) -> None:
    module = import_module(f"seedbed._native_{instructions}")
    trainer = built(module, "relu")
    arguments = training(trainer)
    logits = np.zeros((IMAGES, CLASSES), np.float32)
    arguments["weights"] = np.linspace(-0.1, 0.1, trainer.weight_count, dtype=np.float32)
    given = [group(module, name, arguments) for name in ("Batches", "Objective")]
    trainer.logits(given[0], arguments["weights"], logits)
    hits = logits.argmax(axis=1) == arguments["targets"][arguments["order"]].argmax(axis=1)
    with_labels = trainer.score(*given, arguments["weights"])
    arguments["labels"] = None
    given = [group(module, name, arguments) for name in ("Batches", "Objective")]
    without = trainer.score(*given, arguments["weights"])
    assert (without.loss, without.correct) == (with_labels.loss, hits.sum())


@pytest.mark.parametrize("classes", [2, 10, 37])
def test_target_rows_of_labels_are_target_rows(classes: int, engine: NativeEngine) -> None:
    """Rows of an inverse matrix have negative numbers."""
    task, weights = task_with("cross-entropy", classes)
    kernels = Kernels(engine, task)
    matrix = 0.6 * np.eye(classes) + 0.4 * np.roll(np.eye(classes), 1, axis=1)
    rows = np.linalg.inv(matrix).astype(np.float32)
    assert rows.min() < -0.1
    given = kernels.gradient(weights, ORDER, targets=rows[task.dataset.train.labels])
    found = kernels.gradient(weights, ORDER, label_targets=rows)
    assert (found.loss, found.correct) == (given.loss, given.correct)
    logits = logits_of(task, weights, ORDER).requires_grad_()
    targets = torch.tensor(rows[task.dataset.train.labels[ORDER]], dtype=torch.float64)
    loss = -(targets * logits.log_softmax(dim=1)).sum(dim=1).mean()
    loss.backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert found.loss == pytest.approx(loss.item(), rel=1e-5)
    bias = logits.grad.sum(dim=0).numpy()
    np.testing.assert_allclose(found.weights["fc1.bias"], bias, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("loss", ["cross-entropy", "generalized-cross-entropy", "active-passive"])
@pytest.mark.parametrize("classes", [2, 10, 37])
def test_early_learning_is_that_of_autograd(loss: str, classes: int, engine: NativeEngine) -> None:
    task, weights = task_with(loss, classes)
    generator = np.random.Generator(np.random.Philox(1))
    before = 0.9 * generator.dirichlet(np.full(classes, 0.3), 128)
    running = before.astype(np.float32)
    found = Kernels(engine, task).gradient(
        weights, ORDER, running=running, early_weight=3.0, early_decay=0.7
    )
    logits = logits_of(task, weights, ORDER).requires_grad_()
    p = logits.softmax(dim=1)
    clipped = p.detach().clamp(1e-4, 1 - 1e-4)
    clipped /= clipped.sum(dim=1, keepdim=True)
    mean = 0.7 * torch.tensor(before[ORDER]) + 0.3 * clipped
    terms = losses_of(task, logits, ORDER, {}) + 3 * (1 - (mean * p).sum(dim=1)).log()
    terms.mean().backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    np.testing.assert_allclose(running[ORDER], mean.numpy(), rtol=1e-5)
    rest = np.setdiff1d(np.arange(128), ORDER)
    np.testing.assert_array_equal(running[rest], before.astype(np.float32)[rest])
    np.testing.assert_allclose(found.losses, terms.detach().numpy(), rtol=1e-5, atol=1e-5)
    bias = logits.grad.sum(dim=0).numpy()
    tolerance = 1e-5 * float(logits.grad.abs().sum(dim=0).max())
    np.testing.assert_allclose(found.weights["fc1.bias"], bias, rtol=0, atol=tolerance)


def test_only_training_updates_running_means(engine: NativeEngine) -> None:
    task, weights = task_with("cross-entropy")
    with pytest.raises(ValueError, match="running"):
        Kernels(engine, task).score(weights, ORDER, running=np.zeros((128, 5), np.float32))


@pytest.mark.parametrize("bad", ["label_targets", "running", "early_decay"])
def test_changes_of_the_wrong_size_are_refused(bad: str, engine: NativeEngine) -> None:
    task, weights = task_with("cross-entropy")
    given: Given = {
        "label_targets": np.eye(4, dtype=np.float32),
        "running": np.zeros((127, 5), np.float32),
        "early_decay": 1.5,
    }
    with pytest.raises(ValueError, match=bad):
        Kernels(engine, task).gradient(weights, ORDER, **{bad: given[bad]})
