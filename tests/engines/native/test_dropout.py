"""Dropout keeps the mean while training, and is off wherever something is measured."""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest

from kernels import Kernels, Recorder, engine_logits, random_splits, task_of, weights_of
from seedbed.core.seeds import Seeds
from seedbed.data.images import ImageDataset
from seedbed.engines.native.engine import NativeEngine, supported_instructions
from seedbed.networks.layers import (
    Activation,
    Dropout,
    Flatten,
    Layer,
)
from seedbed.networks.network import Network
from seedbed.training.batches import EpochMasks
from seedbed.training.engine import RunTask
from seedbed.training.metrics import accuracy, mean_loss
from seedbed.training.recipe import Recipe
from seedbed.training.weights import named_weights
from short_layers import conv, linear

LAYERS: tuple[Layer, ...] = (
    Dropout(0.2),
    conv(5, 3),
    Activation("relu"),
    Dropout(0.5),
    Flatten(),
    Dropout(0.1),
    linear(9),
    Activation("tanh"),
    Dropout(0.9),
    linear(3),
)
SHAPE = (6, 7, 3)


@pytest.fixture(params=supported_instructions(), scope="module")
def engine(request: pytest.FixtureRequest) -> NativeEngine:
    return NativeEngine(request.param)


def without_dropout(task: RunTask) -> RunTask:
    layers = tuple(layer for layer in task.network.layers if not isinstance(layer, Dropout))
    return replace(task, network=Network("plain", layers))


def test_logits_are_those_of_the_network_without_dropout(engine: NativeEngine) -> None:
    task = task_of(*LAYERS, image_shape=SHAPE)
    weights, images = weights_of(task), task.dataset.test.images
    expected = engine_logits(engine, without_dropout(task), weights, images)
    np.testing.assert_array_equal(engine_logits(engine, task, weights, images), expected)


def test_what_is_measured_during_training_is_measured_without_dropout(engine: NativeEngine) -> None:
    recipe = Recipe(epochs=3, batch_size=50, validation_size=28)
    task = replace(task_of(*LAYERS, image_shape=SHAPE), recipe=recipe)
    recorder, data = Recorder(), task.dataset
    engine.train([task], recorder, threads=1, stop=Event())
    for record, state in zip(recorder.records[0], recorder.states[0], strict=True):
        weights = named_weights(task, state.arrays["network/weights"])
        held_out = task.sample().validation
        for loss, hits, split, places in (
            (record.test_loss, record.test_accuracy, data.test, np.arange(40)),
            (record.validation_loss, record.validation_accuracy, data.train, held_out),
        ):
            logits = engine_logits(engine, without_dropout(task), weights, split.images[places])
            assert loss == mean_loss(recipe.loss, logits, split.labels[places])
            assert hits == accuracy(logits, split.labels[places])
    last = named_weights(task, recorder.states[0][-1].arrays["network/weights"])
    expected = engine_logits(engine, without_dropout(task), last, data.test.images)
    np.testing.assert_array_equal(recorder.results[0].logits["test"], expected)


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.8])
def test_dropout_keeps_the_mean(rate: float, engine: NativeEngine) -> None:
    """With zero weights, the gradient is linear in what dropout lets through."""
    image_shape, draws = (3, 4, 1), 8192
    task = task_of(Dropout(rate), Flatten(), linear(3), image_shape=image_shape)
    plain = without_dropout(task)
    weights = {name: np.zeros_like(array) for name, array in weights_of(task).items()}
    # The same image over and over, each time with another mask.
    order = np.zeros(128, np.int64)
    masks = EpochMasks(0, 0, task.network, image_shape).draw(draws)
    assert masks is not None
    kernels = Kernels(engine, task)
    gradients = [
        kernels.gradient(weights, order, masks=part).weights["fc1.weight"]
        for part in np.split(masks, draws // 128)
    ]
    expected = Kernels(engine, plain).gradient(weights, order).weights["fc1.weight"]
    deviation = abs(expected) * np.sqrt(rate / (1 - rate) / draws)
    assert np.all(abs(np.mean(gradients, axis=0) - expected) < 4 * deviation)
    assert abs(np.mean(gradients, axis=0) - expected).max() > 0


def test_masks_change_from_epoch_to_epoch() -> None:
    """With one image over and over, and hardly a learning rate, they are all that changes."""
    splits = random_splits(SHAPE)
    train = splits.train
    same = ImageDataset(
        np.repeat(train.images[:1], 128, axis=0),
        np.repeat(train.labels[:1], 128),
        train.class_names,
    )
    task = RunTask(
        Network("dropping", LAYERS),
        Recipe(epochs=3, learning_rate=1e-30, batch_size=128),
        replace(splits, splits={**splits.splits, "train": same}),
        seeds=Seeds(run=0),
    )
    losses = {}
    for each in (task, without_dropout(task)):
        recorder = Recorder()
        NativeEngine().train([each], recorder, threads=1, stop=Event())
        losses[each.network.name] = {record.running_loss for record in recorder.records[0]}
    assert len(losses["dropping"]) == 3
    assert max(losses["dropping"]) - min(losses["dropping"]) > 1e-3
    assert max(losses["plain"]) - min(losses["plain"]) < 1e-6
