"""The torch engine, held against the native engine: the same runs, within rounding."""

from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np
import pytest
import torch

import reference
import reference_training
from kernels import Recorder, engine_logits, random_splits
from odd_blocks import DROPOUTS
from odd_networks import ODD_NETWORKS
from seedbed.core.seeds import Seeds, stream
from seedbed.data.catalog import load_dataset
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.engines.native.engine import NativeEngine
from seedbed.engines.torch.engine import TorchEngine
from seedbed.networks.layers import (
    Activation,
    AvgPool2d,
    Dropout,
    Flatten,
    MaxPool2d,
)
from seedbed.networks.network import Network
from seedbed.networks.zoo import resnet8
from seedbed.noise.spec import NoiseSpec
from seedbed.training.engine import Engine, RunTask
from seedbed.training.recipe import Augmentation, Recipe
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
        Dropout(0.3),
        linear(20),
        Activation("leaky-relu"),
        linear(10),
    ),
)

# For every field of the recipe, settings that need it; the others are their defaults.
RECIPES: dict[str, dict[str, Any]] = {
    "optimizer": {"optimizer": "adamw", "weight_decay": 0.1},
    "learning_rate": {"learning_rate": 0.013},
    "momentum": {"momentum": 0.5},
    "nesterov": {"nesterov": True, "weight_decay": 5e-3},
    "weight_decay": {"optimizer": "adam", "weight_decay": 1e-2},
    "betas": {"optimizer": "adamw", "betas": (0.8, 0.95)},
    "eps": {"optimizer": "adam", "eps": 1e-4},
    "l1_penalty": {"l1_penalty": 1e-3},
    "l2_penalty": {"optimizer": "adam", "l2_penalty": 1e-2},
    "batch_size": {"batch_size": 48},
    "epochs": {"epochs": 3},
    "schedule": {"schedule": "cosine"},
    "warmup_epochs": {"schedule": "constant", "warmup_epochs": 1.5},
    "step_size": {"schedule": "step", "step_size": 1},
    "milestones": {"schedule": "step", "milestones": (1,), "gamma": 0.3},
    "gamma": {"schedule": "exponential", "gamma": 0.7, "momentum": 0.0},
    "loss": {"loss": "mae"},
    "robust": {"robust": {"method": "early-learning", "weight": 1.0}},
    "clip_grad_norm": {"clip_grad_norm": 0.5, "l1_penalty": 1e-3},
    "folds": {"folds": 4},
    "evaluate_every": {"epochs": 3, "evaluate_every": 2},
    "label_smoothing": {"label_smoothing": 0.2},
    "class_weights": {"class_weights": "balanced", "train_size": 100},
    "mixup": {"mixup": 1.0, "augmentation": Augmentation(shift=1), "label_smoothing": 0.1},
    "ema_decay": {"optimizer": "adamw", "ema_decay": 0.95},
    "augmentation": {
        "augmentation": Augmentation(shift=1, crop=2, rotation=15, scale=0.2, flip=True)
    },
    "initialization": {"initialization": "he-normal"},
    "train_size": {"train_size": 200},
    "validation_size": {"validation_size": 90},
    "checkpoint": {"validation_size": 50, "checkpoint": "best-on-validation"},
    "precision": {"precision": "float32"},
}
MORE: dict[str, dict[str, Any]] = {
    "erasing": {"augmentation": Augmentation(shift=1, erasing=0.6), "mixup": 0.3},
    "elastic": {"augmentation": Augmentation(flip=True, elastic_alpha=9, elastic_sigma=1.5)},
    "brier, smoothed": {"loss": "brier", "label_smoothing": 0.1},
    "generalized cross-entropy": {
        "loss": {"name": "generalized-cross-entropy", "q": 0.4},
        "label_smoothing": 0.1,
    },
    "binary cross-entropy": {
        "loss": "binary-cross-entropy",
        "learning_rate": 0.02,
        "label_smoothing": 0.1,
    },
    "symmetric cross-entropy": {"loss": {"name": "symmetric-cross-entropy", "alpha": 1.0}},
    "active-passive": {"loss": "active-passive", "clip_grad_norm": 5.0, "learning_rate": 0.01},
    "active-negative": {"loss": {"name": "active-negative", "beta": 3.0}},
    "joint-asymmetric": {"loss": {"name": "joint-asymmetric", "asymmetry": 10.0}},
    "soft bootstrapping": {"loss": {"name": "soft-bootstrapping", "beta": 0.8}},
    "hard bootstrapping": {"loss": "hard-bootstrapping", "label_smoothing": 0.1},
    "plain": {"momentum": 0.0},
}


@pytest.fixture(scope="module")
def digits() -> DatasetSplits:
    """390 real digits to train on, which no batch size above divides."""
    splits = load_dataset("digits")
    train = splits.train
    few = ImageDataset(train.images[:390], train.labels[:390], train.class_names)
    return replace(splits, splits={**splits.splits, "train": few})


def trained(*tasks: RunTask, engine: Engine | None = None, threads: int = 1) -> Recorder:
    recorder = Recorder()
    (engine or TorchEngine()).train(tasks, recorder, threads=threads, stop=Event())
    return recorder


def assert_engines_agree(task: RunTask, tolerance: float = 1e-4) -> None:
    ours, theirs = trained(task), trained(task, engine=NativeEngine())
    found, expected = ours.results[0], theirs.results[0]
    assert found.epoch == expected.epoch
    assert found.weights is not None
    assert expected.weights is not None
    assert list(found.weights) == list(expected.weights)
    for name, values in expected.weights.items():
        difference = np.linalg.norm(found.weights[name] - values)
        assert difference <= tolerance * np.linalg.norm(values) + 1e-7, name
    assert list(found.logits) == list(expected.logits)
    for name, logits in expected.logits.items():
        np.testing.assert_allclose(found.logits[name], logits, rtol=0, atol=1e-3)
    for one, other in zip(ours.records[0], theirs.records[0], strict=True):
        for score in ("train_loss", "test_loss", "running_loss", "validation_loss", "memorized"):
            measured = getattr(other, score)
            expected_score = measured and pytest.approx(measured, rel=1e-4)
            assert getattr(one, score) == expected_score, score
        assert one.learning_rate == other.learning_rate
    for one_state, other_state in zip(ours.states[0], theirs.states[0], strict=True):
        assert {n: a.shape for n, a in one_state.arrays.items()} == {
            n: a.shape for n, a in other_state.arrays.items()
        }
    assert ours.images == theirs.images


def test_every_field_of_the_recipe_is_held_against_the_other_engine() -> None:
    assert set(RECIPES) == set(Recipe.model_fields)


@pytest.mark.parametrize("name", [*RECIPES, *MORE])
def test_engines_agree_on(name: str, digits: DatasetSplits) -> None:
    recipe = Recipe(**({"batch_size": 32, "epochs": 2} | (RECIPES | MORE)[name]))
    assert_engines_agree(RunTask(SMALL, recipe, digits, seeds=Seeds(run=3)))


@pytest.mark.parametrize("at_once", [1, 2])
def test_bfloat16_rounds_the_products_of_training_alone(
    at_once: int, digits: DatasetSplits
) -> None:
    """One step of all images, against PyTorch's autocast around the obvious module."""
    network = Network("plain", tuple(each for each in SMALL.layers if each != Dropout(0.3)))
    images, shape = len(digits.train), digits.image_shape
    recipe = Recipe(batch_size=images, epochs=1, schedule="constant", momentum=0, learning_rate=1)
    rounded = recipe.model_copy(update={"precision": "bfloat16"})
    tasks = [RunTask(network, rounded, digits, Seeds(run=seed)) for seed in (3, 4)]
    recorder = trained(*tasks, engine=TorchEngine(at_once=at_once))
    exact = trained(*(replace(task, recipe=recipe) for task in tasks))
    normal = digits.train.normalization()
    inputs = torch.tensor(reference.normalize(digits.train.images, normal.mean, normal.std))
    for run, task in enumerate(tasks):
        start = network.initial_weights(shape, stream(task.seeds.initialization, "initialization"))
        model = reference.module(network, shape, start)
        with torch.autocast("cpu", torch.bfloat16):
            logits = model(inputs)
        reference_training.loss(recipe, logits.float(), digits.train.labels).backward()  # type: ignore[no-untyped-call]
        found, whole = recorder.results[run], exact.results[run]
        assert found.weights is not None
        assert whole.weights is not None
        for name, parameter in model.named_parameters():
            assert parameter.grad is not None
            gradient = parameter.grad.numpy()
            size = np.linalg.norm(gradient)
            # A product rounds by up to 0.4 %, and another order of sums rounds others.
            assert np.linalg.norm(start[name] - found.weights[name] - gradient) < 0.04 * size, name
            assert np.linalg.norm(whole.weights[name] - found.weights[name]) > 1e-4 * size, name
        measured = engine_logits(
            TorchEngine(), replace(task, recipe=recipe), found.weights, digits.test.images
        )
        # In one pass, float32 sums have another order; bfloat16 would differ by 0.004.
        atol = 0 if at_once == 1 else 4 * np.finfo(np.float32).eps * np.abs(measured).max()
        np.testing.assert_allclose(found.logits["test"], measured, rtol=0, atol=atol)


def test_engines_agree_under_noise(digits: DatasetSplits) -> None:
    noise = NoiseSpec(kind="symmetric", rate=0.3)
    recipe = Recipe(batch_size=32, epochs=2)
    assert_engines_agree(RunTask(SMALL, recipe, digits, seeds=Seeds(run=1), noise=noise))


# PyTorch's own convolutions and poolings of every size are held against ours elsewhere.
@pytest.mark.parametrize("name", [name for name in ODD_NETWORKS if "stride " not in name])
def test_engines_agree_on_the_layers(name: str) -> None:
    image_shape, layers = ODD_NETWORKS[name]
    dataset = random_splits(image_shape)
    recipe = Recipe(epochs=1, batch_size=50, learning_rate=0.01, schedule="constant")
    assert_engines_agree(RunTask(Network("odd", layers), recipe, dataset, seeds=Seeds(run=0)))


@pytest.mark.parametrize("name", DROPOUTS)
def test_engines_drop_the_same(name: str) -> None:
    recipe = Recipe(epochs=2, batch_size=50, learning_rate=0.01)
    network = Network("dropped", DROPOUTS[name])
    assert_engines_agree(RunTask(network, recipe, random_splits((10, 10, 3)), seeds=Seeds(run=0)))


def test_engines_average_running_statistics_alike() -> None:
    recipe = Recipe(epochs=2, batch_size=50, learning_rate=0.01, ema_decay=0.9)
    dataset = random_splits((8, 8, 3))
    network = resnet8(len(dataset.class_names), width=4)
    assert_engines_agree(RunTask(network, recipe, dataset, seeds=Seeds(run=0)))
