"""Every layer's forward and backward pass, on every instruction set that the processor has."""

import itertools
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import reference
from kernels import Gradient, Kernels, Weights, task_of, weights_of
from seedbed.networks.layers import (
    Activation,
    ActivationFunction,
    AvgPool2d,
    Conv2d,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Pad,
)
from seedbed.networks.zoo import lenet5
from seedbed.training.batches import epoch_warps
from seedbed.training.engine import RunTask
from seedbed.training.lanes import LanesEngine, supported_instructions
from seedbed.training.recipe import Augmentation

TOLERANCE = 1e-5
"""Of a gradient, relative to the largest of its layer."""

FUNCTIONS: Sequence[ActivationFunction] = ("relu", "leaky-relu", "elu", "sigmoid", "tanh")
HEAD = (Flatten(), Linear(3))


@pytest.fixture(params=supported_instructions(), scope="module")
def engine(request: pytest.FixtureRequest) -> LanesEngine:
    return LanesEngine(request.param)


def inputs_of(task: RunTask, order: NDArray[np.int64]) -> NDArray[np.floating]:
    normalisation = task.dataset.train.normalisation()
    images = task.dataset.train.images[order] / 255
    return ((images - normalisation.mean) / normalisation.std).transpose(0, 3, 1, 2)


def reference_gradient(
    task: RunTask,
    weights: Weights,
    order: NDArray[np.int64],
    *,
    smoothing: float = 0.0,
    inputs: NDArray[np.floating] | None = None,
) -> Gradient:
    """Return what PyTorch's autograd says, in float64."""
    model = reference.module(task.network, task.dataset.image_shape, weights, torch.float64)
    labels = torch.tensor(task.dataset.train.labels[order])
    logits = model(torch.tensor(inputs_of(task, order) if inputs is None else inputs))
    loss = torch.nn.functional.cross_entropy(logits, labels, label_smoothing=smoothing)
    loss.backward()  # type: ignore[no-untyped-call]
    gradients = {
        name: parameter.grad.numpy()
        for name, parameter in model.named_parameters()
        if parameter.grad is not None
    }
    correct = int((logits.argmax(dim=1) == labels).sum())
    return Gradient(loss.item(), correct, gradients)


def assert_close(found: Gradient, expected: Gradient, tolerance: float = TOLERANCE) -> None:
    assert found.loss == pytest.approx(expected.loss, rel=1e-6)
    assert found.correct == expected.correct
    assert list(found.weights) == list(expected.weights)
    for name, gradient in expected.weights.items():
        largest = np.abs(gradient).max()
        np.testing.assert_allclose(
            found.weights[name], gradient, rtol=0, atol=tolerance * largest, err_msg=name
        )


# Names for the test report; the layers between image and head.
STACKS: dict[str, tuple[tuple[int, int, int], tuple[Layer, ...]]] = {
    "linear only": ((5, 7, 1), ()),
    "linear sizes around the lanes": (
        (3, 5, 3),
        (Flatten(), Linear(16), Linear(17), Activation("tanh"), Linear(33), Linear(1), Linear(31)),
    ),
    "one pixel": ((1, 1, 1), (Conv2d(2, 1),)),
    "one column": ((9, 1, 3), (Conv2d(5, 1), Activation("elu"), Conv2d(3, 1, stride=2))),
    "wider than two vectors of lanes": ((3, 37, 1), (Conv2d(3, 3, padding=1), Conv2d(3, 2))),
    "convolutions in a row": (
        (11, 8, 3),
        (Conv2d(7, 3, padding=2), Conv2d(5, 5), Conv2d(16, 2), Conv2d(3, 1)),
    ),
    "strided convolutions in a row": (
        (17, 12, 1),
        (Conv2d(3, 5, stride=2, padding=3), Conv2d(5, 3, stride=3, padding=1), Conv2d(7, 2)),
    ),
    "many channels": (
        (6, 5, 3),
        (Conv2d(16, 1), Conv2d(16, 3, padding=1), Conv2d(13, 3), Activation("relu")),
    ),
    "pad evenly": ((6, 8, 1), (Pad(10), Conv2d(3, 3), Activation("relu"), Conv2d(3, 2))),
    "pad oddly": ((5, 8, 3), (Pad(11), Conv2d(3, 3, stride=2, padding=1), Conv2d(2, 2))),
    "pad nothing": ((7, 7, 1), (Pad(7), Conv2d(3, 3))),
    "activation first": ((6, 5, 3), (Activation("tanh"), Conv2d(3, 3))),
    "activation first, then another": (
        (6, 5, 1),
        (Activation("sigmoid"), Activation("elu"), Flatten(), Linear(5), Activation("relu")),
    ),
    "pooling first": ((9, 6, 3), (MaxPool2d(2), AvgPool2d(2, 1), Conv2d(4, 2))),
    "activation, then pooling, first": (
        (8, 8, 1),
        (Activation("tanh"), MaxPool2d(2), Conv2d(2, 3)),
    ),
    "pooling twice": ((12, 13, 1), (Conv2d(5, 2), MaxPool2d(2), MaxPool2d(2), Conv2d(3, 1))),
    "activation, then pooling twice": (
        (12, 13, 1),
        (Conv2d(5, 2), Activation("elu"), MaxPool2d(2), MaxPool2d(2), Activation("sigmoid")),
    ),
    "two activations, then pooling": (
        (9, 9, 1),
        (Conv2d(5, 2), Activation("tanh"), Activation("leaky-relu", 0.3), MaxPool2d(2)),
    ),
    "average pooling, then activation, twice": (
        (11, 9, 1),
        (Conv2d(5, 2), AvgPool2d(2), Activation("tanh"), AvgPool2d(2, 1), Activation("elu")),
    ),
    "activation before the head": ((6, 6, 1), (Conv2d(3, 3), Flatten(), Activation("tanh"))),
    "leaky without a slope": ((6, 6, 1), (Conv2d(3, 3), Activation("leaky-relu", slope=0.0))),
    "elu with an alpha": ((6, 6, 1), (Conv2d(3, 3), Activation("elu", alpha=2.5))),
    "padding beyond the kernel": (
        (5, 6, 1),
        (Conv2d(3, 1, padding=3), Conv2d(3, 2, stride=3, padding=3), Conv2d(2, 3)),
    ),
    "stride beyond the kernel": ((11, 10, 1), (Conv2d(3, 2), Conv2d(5, 2, stride=3))),
}


@cache
def stack(name: str) -> tuple[RunTask, dict[str, NDArray[np.float32]], Gradient]:
    image_shape, layers = STACKS[name]
    task = task_of(*layers, *HEAD, image_shape=image_shape)
    if any(isinstance(layer, Flatten) for layer in layers):
        task = task_of(*layers, Linear(3), image_shape=image_shape)
    weights = weights_of(task)
    return task, weights, reference_gradient(task, weights, np.arange(50))


@pytest.mark.parametrize("name", STACKS)
def test_gradients_of_stacks_of_layers(name: str, engine: LanesEngine) -> None:
    task, weights, expected = stack(name)
    assert_close(Kernels(engine, task).gradient(weights, np.arange(50)), expected)


CONVOLUTIONS = [
    (kernel, stride, padding)
    for kernel, stride, padding in itertools.product((1, 2, 3, 5, 7), (1, 2, 3), (0, 1, 2, 3))
]
CHANNELS = ((1, 3), (3, 7), (5, 1), (7, 16), (16, 5))


@cache
def convolution(
    kernel: int, stride: int, padding: int
) -> tuple[RunTask, dict[str, NDArray[np.float32]], Gradient]:
    # The first layer needs no gradient of its input, so the convolution in question is the second.
    inputs, outputs = CHANNELS[CONVOLUTIONS.index((kernel, stride, padding)) % len(CHANNELS)]
    layers = (Conv2d(inputs, 1), Conv2d(outputs, kernel, stride, padding), *HEAD)
    task = task_of(*layers, image_shape=(9, 12, 1), batch_size=17)
    weights = weights_of(task)
    return task, weights, reference_gradient(task, weights, np.arange(17))


@pytest.mark.parametrize(("kernel", "stride", "padding"), CONVOLUTIONS)
def test_gradients_of_convolutions(
    kernel: int, stride: int, padding: int, engine: LanesEngine
) -> None:
    task, weights, expected = convolution(kernel, stride, padding)
    assert_close(Kernels(engine, task).gradient(weights, np.arange(17)), expected)


@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("kind", [MaxPool2d, AvgPool2d])
def test_gradients_of_pooling(
    kind: type[MaxPool2d] | type[AvgPool2d], size: int, stride: int, engine: LanesEngine
) -> None:
    task = task_of(Conv2d(3, 2), kind(size, stride), *HEAD, image_shape=(11, 9, 1), batch_size=17)
    weights, order = weights_of(task), np.arange(17)
    expected = reference_gradient(task, weights, order)
    assert_close(Kernels(engine, task).gradient(weights, order), expected)


@pytest.mark.parametrize("second", [None, *FUNCTIONS])
@pytest.mark.parametrize("first", FUNCTIONS)
def test_gradients_of_activations(
    first: ActivationFunction, second: ActivationFunction | None, engine: LanesEngine
) -> None:
    more = () if second is None else (Activation(second),)
    layers = (Conv2d(3, 3), Activation(first), *more, Flatten(), Linear(10), Activation(first))
    task = task_of(*layers, *more, Linear(3), image_shape=(6, 7, 1), batch_size=17)
    weights, order = weights_of(task), np.arange(17)
    expected = reference_gradient(task, weights, order)
    assert_close(Kernels(engine, task).gradient(weights, order), expected)


def test_the_first_of_equal_values_gets_the_gradient_of_a_maximum(engine: LanesEngine) -> None:
    """As in PyTorch; with zero weights all pixels of a window are equal."""
    task = task_of(Conv2d(3, 2), MaxPool2d(2), *HEAD, image_shape=(7, 7, 1))
    weights = weights_of(task) | {"conv1.weight": np.zeros((3, 1, 2, 2), np.float32)}
    order = np.arange(20)
    expected = reference_gradient(task, weights, order)
    assert_close(Kernels(engine, task).gradient(weights, order), expected)


@pytest.mark.parametrize("batch_size", [1, 2, 8, 9, 17, 100, 128])
def test_gradients_of_batches_of_any_size(batch_size: int, engine: LanesEngine) -> None:
    task = task_of(*lenet5(3).layers, image_shape=(9, 12, 3), batch_size=batch_size)
    weights, order = weights_of(task), np.arange(batch_size)[::-1].copy()
    expected = reference_gradient(task, weights, order)
    assert_close(Kernels(engine, task).gradient(weights, order), expected)


@pytest.mark.parametrize("last", [1, 8, 16, 17, 99])
def test_a_smaller_last_batch_sees_nothing_of_the_batch_before(
    last: int, engine: LanesEngine
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


@pytest.mark.parametrize("smoothing", [0.1, 0.9])
@pytest.mark.parametrize("classes", [1, 2, 10, 37])
def test_gradients_with_label_smoothing_and_any_number_of_classes(
    classes: int, smoothing: float, engine: LanesEngine
) -> None:
    task = task_of(Flatten(), Linear(classes), image_shape=(4, 5, 1), classes=classes)
    weights, order = weights_of(task), np.arange(40)
    found = Kernels(engine, task).gradient(weights, order, smoothing=smoothing)
    expected = reference_gradient(task, weights, order, smoothing=smoothing)
    if classes == 1:  # nothing to choose from, nothing to learn
        assert found.loss == pytest.approx(0, abs=1e-6)
        assert all(np.abs(gradient).max() < 1e-6 for gradient in found.weights.values())
    else:
        assert_close(found, expected)


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
    image_shape: tuple[int, int, int], augmentation: Augmentation, engine: LanesEngine
) -> None:
    """A linear layer's gradient shows every pixel that it was given."""
    task = task_of(Flatten(), Linear(3), image_shape=image_shape)
    order = np.arange(128)[::-1].copy()
    warps = epoch_warps(0, 128, 0, augmentation, image_shape)
    assert warps is not None
    weights = weights_of(task)
    inputs = reference.warp(inputs_of(task, order), warps)
    expected = reference_gradient(task, weights, order, inputs=inputs)
    found = Kernels(engine, task).gradient(weights, order, warps=warps)
    # Places are float32: of 37 pixels, a few millionths of one.
    assert_close(found, expected, tolerance=1e-4)


def test_places_far_outside_of_the_image_are_clamped_to_its_edge(engine: LanesEngine) -> None:
    task = task_of(Flatten(), Linear(3), image_shape=(4, 5, 1), batch_size=3)
    weights, order = weights_of(task), np.arange(3)
    far = np.array(
        [[0, 0, 1e30, 0, 0, -1e30], [0, 0, -np.inf, 0, 0, 3], [0, 0, 4, 0, 0, np.inf]], np.float32
    )
    corners = np.array([[0, 0, 4, 0, 0, 0], [0, 0, 0, 0, 0, 3], [0, 0, 4, 0, 0, 3]], np.float32)
    inputs = reference.warp(inputs_of(task, order), corners)
    expected = reference_gradient(task, weights, order, inputs=inputs)
    assert_close(Kernels(engine, task).gradient(weights, order, warps=far), expected)


NETWORKS: dict[str, tuple[Layer, ...]] = {
    "lenet5": lenet5(3).layers,
    "lenet5 with tanh": lenet5(3, activation="tanh").layers,
    "strides and averages": (
        Conv2d(5, 5, stride=2, padding=2),
        Activation("elu"),
        AvgPool2d(2, 1),
        Conv2d(7, 3, padding=1),
        MaxPool2d(3, 2),
        Activation("sigmoid"),
        Flatten(),
        Linear(19),
        Activation("leaky-relu"),
        Linear(3),
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_agree_with_finite_differences(name: str, engine: LanesEngine) -> None:
    """Of the float64 loss, which needs nobody's backward pass."""
    task = task_of(*NETWORKS[name], image_shape=(13, 11, 3), batch_size=20)
    weights, order, step = weights_of(task), np.arange(20), 1e-7
    model = reference.module(task.network, (13, 11, 3), weights, torch.float64)
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
