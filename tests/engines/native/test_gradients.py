"""Every layer's forward and backward pass, on every instruction set that the processor has."""

from functools import cache

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import reference
import reference_images
import reference_training
from kernels import Gradient, Kernels, Weights, task_of, weights_of
from odd_blocks import DROPOUTS
from odd_networks import ODD_NETWORKS
from seedbed.engines.native.engine import NativeEngine, supported_instructions
from seedbed.networks.layers import (
    Activation,
    AvgPool2d,
    Flatten,
    Layer,
    MaxPool2d,
)
from seedbed.networks.zoo import lenet5, vit
from seedbed.training.batches import EpochMasks, epoch_warps
from seedbed.training.elastic import EpochFields
from seedbed.training.engine import RunTask
from seedbed.training.losses.registry import LOSSES
from seedbed.training.recipe import Augmentation
from short_layers import conv, linear

TOLERANCE = 1e-5
"""Of a gradient, relative to the largest of its layer."""

NOTHING = 1e-12
"""What rounding in float64 leaves of a gradient that is 0."""

BATCH = 37
"""More than one group of lanes, and part of another."""


@pytest.fixture(params=supported_instructions(), scope="module")
def engine(request: pytest.FixtureRequest) -> NativeEngine:
    return NativeEngine(request.param)


def inputs_of(task: RunTask, order: NDArray[np.int64]) -> NDArray[np.floating]:
    normalization = task.dataset.train.normalization()
    images = task.dataset.train.images[order] / 255
    return ((images - normalization.mean) / normalization.std).transpose(0, 3, 1, 2)


def reference_gradient(
    task: RunTask,
    weights: Weights,
    order: NDArray[np.int64],
    *,
    inputs: NDArray[np.floating] | None = None,
    masks: NDArray[np.uint8] | None = None,
) -> Gradient:
    """Return what PyTorch's autograd says, in float64."""
    model = reference.module(task.network, task.dataset.image_shape, weights, torch.float64)
    model.drop(masks)
    labels = task.dataset.train.labels[order]
    logits = model(torch.tensor(inputs_of(task, order) if inputs is None else inputs))
    loss = reference_training.loss(task.recipe, logits, labels)
    loss.backward()  # type: ignore[no-untyped-call]
    gradients = {
        name: parameter.grad.numpy()
        for name, parameter in model.named_parameters()
        if parameter.grad is not None
    }
    correct = int((logits.argmax(dim=1).numpy() == labels).sum())
    return Gradient(loss.item(), correct, gradients)


def assert_close(found: Gradient, expected: Gradient, tolerance: float = TOLERANCE) -> None:
    assert found.loss == pytest.approx(expected.loss, rel=1e-6)
    assert found.correct == expected.correct
    assert found.weights.keys() == expected.weights.keys()
    for name, gradient in expected.weights.items():
        largest = np.abs(gradient).max()
        if (
            largest < NOTHING
        ):  # a bias in front of batch norm: its layer's weights say how much counts
            largest = np.abs(expected.weights[name.replace(".bias", ".weight")]).max()
        np.testing.assert_allclose(
            found.weights[name], gradient, rtol=0, atol=tolerance * largest, err_msg=name
        )


@cache
def odd(name: str) -> tuple[RunTask, dict[str, NDArray[np.float32]], Gradient]:
    image_shape, layers = ODD_NETWORKS[name]
    task = task_of(*layers, image_shape=image_shape, batch_size=BATCH)
    weights = weights_of(task)
    return task, weights, reference_gradient(task, weights, np.arange(BATCH))


@pytest.mark.parametrize("name", ODD_NETWORKS)
def test_gradients_of_networks_of_odd_shapes(name: str, engine: NativeEngine) -> None:
    task, weights, expected = odd(name)
    assert_close(Kernels(engine, task).gradient(weights, np.arange(BATCH)), expected)


def test_the_first_of_equal_values_gets_the_gradient_of_a_maximum(engine: NativeEngine) -> None:
    """As in PyTorch; with zero weights all pixels of a window are equal."""
    task = task_of(conv(3, 2), MaxPool2d(2), Flatten(), linear(3), image_shape=(7, 7, 1))
    weights = weights_of(task) | {"conv1.weight": np.zeros((3, 1, 2, 2), np.float32)}
    order = np.arange(20)
    expected = reference_gradient(task, weights, order)
    assert_close(Kernels(engine, task).gradient(weights, order), expected)


@pytest.mark.parametrize("batch_size", [1, 2, 8, 9, 17, 100, 128])
def test_gradients_of_batches_of_any_size(batch_size: int, engine: NativeEngine) -> None:
    task = task_of(*lenet5(3).layers, image_shape=(9, 12, 3), batch_size=batch_size)
    weights, order = weights_of(task), np.arange(batch_size)[::-1].copy()
    expected = reference_gradient(task, weights, order)
    assert_close(Kernels(engine, task).gradient(weights, order), expected)


@pytest.mark.parametrize("last", [1, 8, 16, 17, 99])
def test_a_smaller_last_batch_sees_nothing_of_the_batch_before(
    last: int, engine: NativeEngine
) -> None:
    task = task_of(*lenet5(3).layers, image_shape=(9, 12, 3), batch_size=100)
    weights, order = weights_of(task), np.arange(last)
    fresh = Kernels(engine, task).gradient(weights, order)
    used = Kernels(engine, task)
    used.gradient(weights_of(task, seed=1), np.arange(28, 128))
    again = used.gradient(weights, order)
    assert (again.loss, again.correct) == (fresh.loss, fresh.correct)
    for name, gradient in fresh.weights.items():
        np.testing.assert_array_equal(again.weights[name], gradient)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
@pytest.mark.parametrize("classes", [1, 2, 10, 37])
@pytest.mark.parametrize("loss", LOSSES)
def test_gradients_of_every_loss_and_any_number_of_classes(
    loss: str, classes: int, smoothing: float, engine: NativeEngine
) -> None:
    task = task_of(
        Flatten(),
        linear(classes),
        image_shape=(4, 5, 1),
        classes=classes,
        loss=loss,
        label_smoothing=smoothing,
    )
    weights, order = weights_of(task), np.arange(40)
    found = Kernels(engine, task).gradient(weights, order)
    if classes == 1 and loss != "binary-cross-entropy":  # nothing to choose from, nothing to learn
        constant = 29**2 if loss == "joint-asymmetric" else 0
        assert found.loss == pytest.approx(constant, abs=1e-6)
        assert all(np.abs(gradient).max() < 1e-6 for gradient in found.weights.values())
    else:
        assert_close(found, reference_gradient(task, weights, order))


@pytest.mark.parametrize("name", DROPOUTS)
def test_gradients_with_dropout(name: str, engine: NativeEngine) -> None:
    image_shape = (10, 10, 3)
    task = task_of(*DROPOUTS[name], image_shape=image_shape, batch_size=BATCH)
    weights, order = weights_of(task), np.arange(BATCH)
    masks = EpochMasks(0, 0, task.network, image_shape).draw(BATCH)
    expected = reference_gradient(task, weights, order, masks=masks)
    kernels = Kernels(engine, task)
    # Once with other masks before, of which nothing may be left.
    kernels.gradient(weights, order, masks=EpochMasks(1, 0, task.network, image_shape).draw(BATCH))
    assert_close(kernels.gradient(weights, order, masks=masks), expected)


@pytest.mark.parametrize(
    ("image_shape", "augmentation"),
    [
        ((9, 12, 1), Augmentation(shift=2, rotation=10, scale=0.1)),
        ((12, 9, 3), Augmentation(shift=20, rotation=180, scale=0.9, flip=True)),
        ((1, 6, 1), Augmentation(shift=1.5)),
        ((6, 1, 3), Augmentation(rotation=90)),
        ((5, 37, 3), Augmentation(flip=True)),
    ],
)
def test_augmented_images(
    image_shape: tuple[int, int, int], augmentation: Augmentation, engine: NativeEngine
) -> None:
    """A linear layer's gradient shows every pixel that it was given."""
    task = task_of(Flatten(), linear(3), image_shape=image_shape)
    order = np.arange(128)[::-1].copy()
    warps = epoch_warps(0, 128, 0, augmentation, image_shape)
    assert warps is not None
    weights = weights_of(task)
    inputs = reference_images.warp(inputs_of(task, order), warps)
    expected = reference_gradient(task, weights, order, inputs=inputs)
    found = Kernels(engine, task).gradient(weights, order, warps=warps)
    # Places are float32: of 37 pixels, a few millionths of one.
    assert_close(found, expected, tolerance=1e-4)


@pytest.mark.parametrize(
    ("image_shape", "alpha", "sigma"),
    [((28, 20, 1), 34, 4), ((9, 12, 3), 5, 0.6), ((1, 6, 1), 60, 9), ((6, 37, 3), 500, 3)],
)
def test_distorted_images_are_those_of_scipy(
    image_shape: tuple[int, int, int], alpha: float, sigma: float, engine: NativeEngine
) -> None:
    augmentation = Augmentation(shift=1, rotation=20, elastic_alpha=alpha, elastic_sigma=sigma)
    task = task_of(Flatten(), linear(3), image_shape=image_shape)
    order = np.arange(128)[::-1].copy()
    warps = epoch_warps(0, 128, 0, augmentation, image_shape)
    fields = EpochFields(0, 0, augmentation, image_shape)
    drawn = fields.draw(128)
    assert warps is not None
    assert drawn is not None
    weights = weights_of(task)
    moved = reference_images.displacements(drawn, alpha, sigma)
    inputs = reference_images.distorted(inputs_of(task, order), warps, moved)
    expected = reference_gradient(task, weights, order, inputs=inputs)
    found = Kernels(engine, task).gradient(
        weights,
        order,
        warps=warps,
        fields=drawn,
        smooth_columns=fields.smooth_columns,
        smooth_rows=fields.smooth_rows,
    )
    assert_close(found, expected, tolerance=1e-4)


def test_places_far_outside_of_the_image_are_clamped_to_its_edge(engine: NativeEngine) -> None:
    task = task_of(Flatten(), linear(3), image_shape=(4, 5, 1), batch_size=3)
    weights, order = weights_of(task), np.arange(3)
    far = np.array(
        [[0, 0, 1e30, 0, 0, -1e30], [0, 0, -np.inf, 0, 0, 3], [0, 0, 4, 0, 0, np.inf]], np.float32
    )
    corners = np.array([[0, 0, 4, 0, 0, 0], [0, 0, 0, 0, 0, 3], [0, 0, 4, 0, 0, 3]], np.float32)
    inputs = reference_images.warp(inputs_of(task, order), corners)
    expected = reference_gradient(task, weights, order, inputs=inputs)
    assert_close(Kernels(engine, task).gradient(weights, order, warps=far), expected)


NETWORKS: dict[str, tuple[Layer, ...]] = {
    "lenet5": lenet5(3).layers,
    "lenet5 with tanh": lenet5(3, activation="tanh").layers,
    "vision transformer": vit(3, patch_size=5, embed_dim=6, depth=2, num_heads=2, mlp_dim=9).layers,
    "strides and averages": (
        conv(5, 5, stride=2, padding=2),
        Activation("elu"),
        AvgPool2d(2, 1),
        conv(7, 3, padding=1),
        MaxPool2d(3, 2),
        Activation("sigmoid"),
        Flatten(),
        linear(19),
        Activation("leaky-relu"),
        linear(3),
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_agree_with_finite_differences(name: str, engine: NativeEngine) -> None:
    """Of the float64 loss, which needs nobody's backward pass."""
    task = task_of(*NETWORKS[name], image_shape=(15, 10, 3), batch_size=20)
    weights, order, step = weights_of(task), np.arange(20), 1e-7
    model = reference.module(task.network, (15, 10, 3), weights, torch.float64)
    inputs = torch.tensor(inputs_of(task, order))
    labels = torch.tensor(task.dataset.train.labels[order])

    def loss() -> float:
        return torch.nn.functional.cross_entropy(model(inputs), labels).item()

    found = Kernels(engine, task).gradient(weights, order)
    generator = np.random.Generator(np.random.Philox(0))
    with torch.no_grad():
        for parameter_name, parameter in model.named_parameters():
            flat, gradient = parameter.view(-1), found.weights[parameter_name].ravel()
            tolerance = TOLERANCE * float(np.abs(gradient).max())
            for place in {np.abs(gradient).argmax(), *generator.integers(0, len(flat), 4)}:
                at = flat[place].item()
                flat[place] = at + step
                above = loss()
                flat[place] = at - step
                below = loss()
                flat[place] = at
                assert gradient[place] == pytest.approx((above - below) / (2 * step), abs=tolerance)
