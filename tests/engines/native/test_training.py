"""Whole training by the native engine, held against PyTorch."""

from collections.abc import Iterator
from dataclasses import replace
from threading import Event

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import reference
import reference_images
import reference_training
from kernels import Recorder, engine_logits, random_splits
from seedbed.core.seeds import Seeds, stream
from seedbed.data.catalog import load_dataset
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.engines.native.engine import Instructions, NativeEngine, supported_instructions
from seedbed.networks.layers import (
    Activation,
    AvgPool2d,
    Dropout,
    Flatten,
    MaxPool2d,
)
from seedbed.networks.network import Network
from seedbed.networks.zoo import lenet5, resnet8
from seedbed.training.batches import EpochMasks, epoch_order, epoch_warps, training_sample
from seedbed.training.engine import RunResult, RunTask
from seedbed.training.recipe import Augmentation, Recipe
from seedbed.training.schedule import average_decays, learning_rates
from short_layers import conv, linear

SMALL = Network(
    "small",
    (
        conv(6, 3, padding=1),
        Activation("elu"),
        MaxPool2d(2),
        conv(9, 3, stride=2, padding=1),
        Activation("tanh"),
        AvgPool2d(2, 1),
        Flatten(),
        linear(20),
        Activation("leaky-relu"),
        linear(10),
    ),
)


@pytest.fixture(scope="module")
def digits() -> DatasetSplits:
    """790 real digits to train on, which no batch size below divides."""
    splits = load_dataset("digits")
    train = splits.train
    few = ImageDataset(train.images[:790], train.labels[:790], train.class_names)
    return replace(splits, splits={**splits.splits, "train": few})


def trained(task: RunTask, engine: NativeEngine | None = None, threads: int = 1) -> Recorder:
    recorder = Recorder()
    (engine or NativeEngine()).train([task], recorder, threads=threads, stop=Event())
    return recorder


def weights_of(result: RunResult) -> dict[str, NDArray[np.float32]]:
    assert result.weights is not None
    return dict(result.weights)


def inputs_of(task: RunTask, places: NDArray[np.int64]) -> NDArray[np.floating]:
    normalization = task.dataset.train.normalization()
    images = task.dataset.train.images[places]
    return reference.normalize(images, normalization.mean, normalization.std)


def batches(task: RunTask) -> Iterator[tuple[NDArray[np.floating], NDArray[np.int64]]]:
    """Yield the batches of all epochs as PyTorch takes them."""
    recipe, data = task.recipe, task.dataset
    for epoch in range(recipe.epochs):
        order = epoch_order(task.seeds.order, len(data.train), epoch)
        inputs = inputs_of(task, order)
        warps = epoch_warps(
            task.seeds.augmentation, len(data.train), epoch, recipe.augmentation, data.image_shape
        )
        if warps is not None:
            inputs = reference_images.warp(inputs, warps)
        for start in range(0, len(order), recipe.batch_size):
            part = slice(start, start + recipe.batch_size)
            yield inputs[part], data.train.labels[order[part]]


def masks(task: RunTask) -> Iterator[NDArray[np.uint8]] | None:
    images, shape = len(task.dataset.train), task.dataset.image_shape
    size = task.recipe.batch_size
    epochs = [
        EpochMasks(task.seeds.dropout, epoch, task.network, shape).draw(images)
        for epoch in range(task.recipe.epochs)
    ]
    if epochs[0] is None:
        return None
    starts = range(0, images, size)
    return (kept[at : at + size] for kept in epochs if kept is not None for at in starts)


def trained_by_reference(task: RunTask) -> reference_training.Training:
    recipe, images = task.recipe, len(task.dataset.train)
    epochs = range(recipe.epochs)
    return reference_training.train_steps(
        task.network,
        task.dataset.image_shape,
        recipe,
        task.network.initial_weights(
            task.dataset.image_shape, stream(task.seeds.initialization, "initialization")
        ),
        batches(task),
        np.concatenate([learning_rates(recipe, images, epoch) for epoch in epochs]),
        np.concatenate([average_decays(recipe, images, epoch) for epoch in epochs]),
        masks(task),
    )


def assert_within_a_ten_thousandth(task: RunTask, recorder: Recorder) -> None:
    expected = trained_by_reference(task)
    found = weights_of(recorder.results[0])
    assert found.keys() == expected.average.keys()
    shape = task.dataset.image_shape
    assert list(found) == [*task.network.parameters(shape), *task.network.buffers(shape)]
    for name, values in expected.average.items():
        assert np.linalg.norm(found[name] - values) < 1e-4 * np.linalg.norm(values), name
    images, size = len(task.dataset.train), task.recipe.batch_size
    sizes = [min(size, images - start) for start in range(0, images, size)]
    for record, losses, correct in zip(
        recorder.records[0],
        np.split(np.array(expected.losses), task.recipe.epochs),
        np.split(np.array(expected.correct), task.recipe.epochs),
        strict=True,
    ):
        assert record.running_loss == pytest.approx(np.average(losses, weights=sizes), rel=1e-4)
        assert record.running_accuracy == pytest.approx(correct.sum() / images, abs=1.5 / images)


RECIPES = {
    "plain": Recipe(momentum=0, schedule="constant"),
    "momentum": Recipe(momentum=0.9),
    "nesterov, weight decay": Recipe(
        nesterov=True, weight_decay=5e-3, schedule="cosine", warmup_epochs=1
    ),
    "weight decay without momentum": Recipe(
        momentum=0, weight_decay=1e-2, schedule="exponential", gamma=0.7
    ),
    "adamw": Recipe(optimizer="adamw", weight_decay=0.1, schedule="step", step_size=2),
    "adamw, betas": Recipe(optimizer="adamw", betas=(0.8, 0.95), eps=1e-4),
    "adam, weight decay": Recipe(optimizer="adam", weight_decay=1e-2),
    "penalties": Recipe(l1_penalty=1e-3, l2_penalty=1e-2),
    "adam, penalties": Recipe(optimizer="adam", l1_penalty=1e-4, l2_penalty=1e-2),
    "brier": Recipe(loss="brier", label_smoothing=0.1),
    "mae": Recipe(loss="mae"),
    "generalized cross-entropy": Recipe(
        loss={"name": "generalized-cross-entropy", "q": 0.4}, label_smoothing=0.1
    ),
    "binary cross-entropy": Recipe(loss="binary-cross-entropy", learning_rate=0.02),
    "label smoothing": Recipe(label_smoothing=0.2),
    "weight average": Recipe(ema_decay=0.95),
    "adamw, weight average": Recipe(optimizer="adamw", ema_decay=0.9, label_smoothing=0.1),
    "augmented": Recipe(
        augmentation=Augmentation(shift=1, crop=1, rotation=15, scale=0.2, flip=True)
    ),
}


@pytest.mark.parametrize("name", RECIPES)
def test_a_hundred_steps_of_every_recipe(name: str, digits: DatasetSplits) -> None:
    recipe = RECIPES[name].model_copy(update={"batch_size": 32, "epochs": 4})
    task = RunTask(SMALL, recipe, digits, seeds=Seeds(run=3))
    assert_within_a_ten_thousandth(task, trained(task))


@pytest.mark.parametrize("instructions", supported_instructions())
def test_a_hundred_steps_of_lenet5(instructions: Instructions, digits: DatasetSplits) -> None:
    # Rounding can turn a ReLU or a maximum over, in PyTorch's float32 against its float64 just as
    # in ours; with this learning rate and seed, no such turn matters within a hundred steps.
    recipe = Recipe(batch_size=32, epochs=4, learning_rate=0.01)
    task = RunTask(lenet5(), recipe, digits, seeds=Seeds(run=0))
    assert_within_a_ten_thousandth(task, trained(task, NativeEngine(instructions)))


@pytest.mark.parametrize("instructions", supported_instructions())
@pytest.mark.parametrize("ema_decay", [0.0, 0.9])
def test_running_statistics_follow_the_batches(
    ema_decay: float, instructions: Instructions, digits: DatasetSplits
) -> None:
    """They are part of the weights, and of their average; the last batch is a smaller one."""
    recipe = Recipe(batch_size=64, epochs=1, learning_rate=0.01, ema_decay=ema_decay)
    task = RunTask(resnet8(width=4), recipe, digits, seeds=Seeds(run=0))
    recorder = trained(task, NativeEngine(instructions))
    assert_within_a_ten_thousandth(task, recorder)
    result = recorder.results[0]
    normal = digits.train.normalization()
    images = reference.normalize(digits.test.images, normal.mean, normal.std)
    expected = reference.logits(task.network, digits.image_shape, weights_of(result), images)
    np.testing.assert_allclose(result.logits["test"], expected, rtol=0, atol=1e-4)


def test_a_hundred_steps_with_dropout(digits: DatasetSplits) -> None:
    network = Network(
        "dropout",
        (
            Dropout(0.1),
            conv(6, 3),
            Activation("tanh"),
            Dropout(0.25),
            AvgPool2d(2),
            Flatten(),
            linear(20),
            Dropout(0.5),
            Activation("tanh"),
            linear(10),
        ),
    )
    task = RunTask(network, Recipe(batch_size=32, epochs=4), digits, seeds=Seeds(run=0))
    assert_within_a_ten_thousandth(task, trained(task))


@pytest.mark.parametrize("batch_size", [1, 8, 100, 1000])
def test_batches_of_any_size(batch_size: int, digits: DatasetSplits) -> None:
    train = digits.train
    few = ImageDataset(train.images[:130], train.labels[:130], train.class_names)
    recipe = Recipe(batch_size=batch_size, epochs=1, learning_rate=0.002, schedule="constant")
    task = RunTask(
        SMALL, recipe, replace(digits, splits={**digits.splits, "train": few}), seeds=Seeds(run=1)
    )
    assert_within_a_ten_thousandth(task, trained(task))


def test_instructions_agree_within_rounding(digits: DatasetSplits) -> None:
    task = RunTask(SMALL, Recipe(batch_size=32, epochs=2), digits, seeds=Seeds(run=1))
    first, *others = (
        weights_of(trained(task, NativeEngine(instructions)).results[0])
        for instructions in supported_instructions()
    )
    for other in others:
        for name, values in first.items():
            np.testing.assert_allclose(other[name], values, rtol=0, atol=2e-5 * abs(values).max())


def test_records_are_measured_as_the_contract_says(digits: DatasetSplits) -> None:
    recipe = Recipe(
        epochs=3,
        ema_decay=0.9,
        label_smoothing=0.3,
        augmentation=Augmentation(shift=2),
        schedule="cosine",
    )
    task = RunTask(SMALL, recipe, digits, seeds=Seeds(run=5))
    recorder = trained(task)
    train, test = digits.train, digits.test
    assert [record.epoch for record in recorder.records[0]] == [1, 2, 3]
    for epoch, (record, state) in enumerate(
        zip(recorder.records[0], recorder.states[0], strict=True)
    ):
        assert state.epoch == record.epoch == epoch + 1
        assert record.learning_rate == learning_rates(recipe, len(train), epoch)[-1]
        assert record.seconds > 0
        # The averaged weights, plain cross-entropy and plain images, as PyTorch sees them.
        weights = named(task, state.arrays["network/average"])
        count = len(train) if epoch == 2 else len(test)
        sample = training_sample(len(train), count)
        for found, expected in (
            ((record.train_loss, record.train_accuracy), measured(task, weights, train, sample)),
            ((record.test_loss, record.test_accuracy), measured(task, weights, test)),
        ):
            assert found == pytest.approx(expected, rel=1e-5)
    assert recorder.images[0] == 3 * len(train)

    result = recorder.results[0]
    assert result.diverged_epoch is None
    last = named(task, recorder.states[0][-1].arrays["network/average"])
    for name, values in weights_of(result).items():
        np.testing.assert_array_equal(values, last[name])
    assert result.logits["test"].dtype == np.float32
    expected_logits = logits(task, last, test, np.arange(len(test)))
    np.testing.assert_allclose(result.logits["test"], expected_logits, rtol=0, atol=1e-4)


def named(task: RunTask, flat: NDArray[np.float32]) -> dict[str, NDArray[np.float32]]:
    """Cut a state's array at the places that the parameters' shapes say."""
    shapes = task.network.parameters(task.dataset.image_shape)
    ends = np.cumsum([np.prod(shape) for shape in shapes.values()])
    assert ends[-1] == len(flat)
    parts = np.split(flat, ends[:-1])
    return {
        name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)
    }


def logits(
    task: RunTask,
    weights: dict[str, NDArray[np.float32]],
    dataset: ImageDataset,
    places: NDArray[np.int64],
) -> NDArray[np.floating]:
    normalization = task.dataset.train.normalization()
    images = reference.normalize(dataset.images[places], normalization.mean, normalization.std)
    return reference.logits(task.network, task.dataset.image_shape, weights, images)


def measured(
    task: RunTask,
    weights: dict[str, NDArray[np.float32]],
    dataset: ImageDataset,
    places: NDArray[np.int64] | None = None,
) -> tuple[float, float]:
    places = np.arange(len(dataset)) if places is None else places
    answer = torch.tensor(logits(task, weights, dataset, places))
    labels = torch.tensor(dataset.labels[places])
    loss = torch.nn.functional.cross_entropy(answer.double(), labels).item()
    return loss, float((answer.argmax(dim=1) == labels).double().mean())


def test_logits_of_any_number_of_images(digits: DatasetSplits) -> None:
    task = RunTask(SMALL, Recipe(), digits, seeds=Seeds(run=0))
    weights = named(
        task, trained(replace(task, recipe=Recipe(epochs=1))).states[0][0].arrays["network/weights"]
    )
    engine, images = NativeEngine(), digits.train.images
    expected = logits(task, weights, digits.train, np.arange(790))
    for count in (0, 1, 17, 790):
        found = engine_logits(engine, task, weights, images[:count])
        assert found.shape == (count, 10)
        np.testing.assert_allclose(found, expected[:count], rtol=0, atol=1e-4)
    mirrored = engine_logits(engine, task, weights, images[:17, :, ::-1])
    np.testing.assert_array_equal(
        mirrored, engine_logits(engine, task, weights, images[:17, :, ::-1].copy())
    )


@pytest.mark.parametrize("classes", [1, 2, 33])
def test_any_number_of_classes(classes: int) -> None:
    dataset = random_splits((6, 5, 3), classes)
    network = Network("linear", (Flatten(), linear(classes)))
    task = RunTask(
        network, Recipe(epochs=2, batch_size=20, learning_rate=0.01), dataset, seeds=Seeds(run=0)
    )
    recorder = trained(task)
    if classes == 1:
        assert recorder.records[0][-1].test_accuracy == 1
        assert recorder.records[0][-1].test_loss == 0
    else:
        assert_within_a_ten_thousandth(task, recorder)
