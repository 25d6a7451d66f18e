"""Every method against a plain PyTorch loop over the same batches, in both engines."""

from collections.abc import Callable
from dataclasses import replace
from threading import Event
from typing import Any, Final

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

import reference
from kernels import Recorder, assert_same_result
from seedbed.core.seeds import Seeds, stream
from seedbed.data.catalog import load_dataset
from seedbed.data.images import DatasetSplits, ImageDataset
from seedbed.engines.native.engine import NativeEngine
from seedbed.engines.torch.engine import TorchEngine
from seedbed.networks.layers import Activation, BatchNorm2d, Dropout, Flatten, MaxPool2d
from seedbed.networks.network import Network
from seedbed.noise.estimation import calibrated_joint, transition_of_joint
from seedbed.noise.spec import NoiseSpec
from seedbed.noise.transition import pair
from seedbed.training.batches import epoch_order
from seedbed.training.engine import Engine, RunTask
from seedbed.training.methods.registry import METHODS
from seedbed.training.metrics import probabilities
from seedbed.training.recipe import Augmentation, Recipe
from seedbed.training.weights import named_weights
from short_layers import conv, linear

NETWORK: Final = Network(
    "small", (conv(6, 3), Activation("relu"), MaxPool2d(2), Flatten(), linear(10))
)
BATCH, EPOCHS, RATE, MOMENTUM = 32, 4, 0.05, 0.9
SETTINGS: Final[dict[str, dict[str, Any]]] = {
    "standard": {},
    "forward": {"transition": "noise"},
    "backward": {"transition": "noise"},
    "early-learning": {},
    "small-loss": {"forget_rate": 0.3},
    "co-teaching": {"forget_rate": "noise"},
    "co-teaching-plus": {"forget_rate": "noise", "warmup": 0.3},
    "jocor": {"forget_rate": 0.25, "co_regularization": 0.6},
}


@pytest.fixture(scope="module", params=[NativeEngine, TorchEngine], ids=["native", "torch"])
def engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = request.param()
    return made


@pytest.fixture(scope="module")
def digits() -> DatasetSplits:
    splits = load_dataset("digits")
    train = splits.train
    few = ImageDataset(train.images[:300], train.labels[:300], train.class_names)
    return replace(splits, splits={**splits.splits, "train": few})


def task_of(digits: DatasetSplits, method: str, **settings: Any) -> RunTask:
    recipe = Recipe(
        learning_rate=RATE,
        momentum=MOMENTUM,
        schedule="constant",
        batch_size=BATCH,
        epochs=EPOCHS,
        robust={"method": method, **settings},
    )
    noise = NoiseSpec(kind="pair", rate=0.3)
    return RunTask(NETWORK, recipe, digits, Seeds(run=1), noise=noise)


def trained(engine: Engine, *tasks: RunTask, threads: int = 2) -> Recorder:
    recorder = Recorder()
    engine.train(tasks, recorder, threads=threads, stop=Event())
    return recorder


class PlainLoop:
    """Networks in float64 and their optimizers, in plain PyTorch."""

    def __init__(self, task: RunTask, networks: int) -> None:
        self.task, shape = task, task.dataset.image_shape
        self.sample = task.sample()
        seed = task.seeds.initialization
        self.models = [
            reference.module(
                task.network,
                shape,
                task.network.initial_weights(shape, stream(seed, "initialization", position)),
                torch.float64,
            )
            for position in range(networks)
        ]
        self.optimizers = [
            torch.optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM) for model in self.models
        ]
        normal = task.dataset.train.normalization()
        images = (task.dataset.train.images / 255 - normal.mean) / normal.std
        self.images = torch.tensor(images.transpose(0, 3, 1, 2))
        self.labels = torch.tensor(self.sample.labels.noisy)

    def run(self, losses: Callable[..., list[Tensor | None]]) -> None:
        """Step all networks on losses(epoch, indices, labels, *logits)."""
        for epoch in range(EPOCHS):
            order = epoch_order(self.task.seeds.order, len(self.sample.train), epoch)
            for start in range(0, len(order), BATCH):
                indices = self.sample.train[order[start : start + BATCH]]
                logits = [model(self.images[indices]) for model in self.models]
                values = losses(epoch, torch.tensor(indices), self.labels[indices], *logits)
                for optimizer, value in zip(self.optimizers, values, strict=True):
                    optimizer.zero_grad()
                    if value is not None:
                        parameters = _parameters(optimizer)
                        value.backward(retain_graph=True, inputs=parameters)  # type: ignore[no-untyped-call]
                for optimizer, value in zip(self.optimizers, values, strict=True):
                    if value is not None:
                        optimizer.step()


def _parameters(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    return [each for group in optimizer.param_groups for each in group["params"]]


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    return functional.cross_entropy(logits, labels, reduction="none")


def easiest(losses: Tensor, drop: float) -> Tensor:
    return torch.argsort(losses, stable=True)[: int(round((1 - drop) * len(losses), 6))]


def plain_losses(task: RunTask, dropped: float | None = None) -> Callable[..., list[Tensor | None]]:
    method, settings = task.recipe.robust.method, task.recipe.robust
    matrix = torch.tensor(pair(10, 0.3))
    running = torch.zeros(300, 10, dtype=torch.float64)
    # The rate of pair noise is 0.3; R rises over half of the epochs.
    final = {"small-loss": 0.3, "jocor": 0.25}.get(method, 0.3)

    def drop(epoch: int) -> float:
        if dropped is not None:
            return dropped
        return final * min(epoch / (EPOCHS / 2), 1)

    def standard(epoch: int, at: Tensor, y: Tensor, z: Tensor) -> list[Tensor | None]:
        return [cross_entropy(z, y).mean()]

    def forward(epoch: int, at: Tensor, y: Tensor, z: Tensor) -> list[Tensor | None]:
        q = z.softmax(1) @ matrix
        return [-q[range(len(y)), y].log().mean()]

    def backward(epoch: int, at: Tensor, y: Tensor, z: Tensor) -> list[Tensor | None]:
        rows = torch.linalg.inv(matrix)[y]
        return [-(rows * z.log_softmax(1)).sum(1).mean()]

    def early(epoch: int, at: Tensor, y: Tensor, z: Tensor) -> list[Tensor | None]:
        p = z.softmax(1)
        clipped = p.detach().clamp(1e-4, 1 - 1e-4)
        running[at] = 0.7 * running[at] + 0.3 * clipped / clipped.sum(1, keepdim=True)
        loss = functional.cross_entropy(z, y)
        return [loss + 3 * (1 - (running[at] * p).sum(1)).log().mean()]

    def small(epoch: int, at: Tensor, y: Tensor, z: Tensor) -> list[Tensor | None]:
        losses = cross_entropy(z, y)
        return [losses[easiest(losses, drop(epoch))].mean()]

    def teaching(epoch: int, at: Tensor, y: Tensor, *both: Tensor) -> list[Tensor | None]:
        one, other = (cross_entropy(z, y) for z in both)
        if len(one) == 0:
            return [None, None]
        keep = max(1, int(round((1 - drop(epoch)) * len(one), 6)))
        chosen = [torch.argsort(each, stable=True)[:keep] for each in (one, other)]
        return [one[chosen[1]].mean(), other[chosen[0]].mean()]

    def plus(epoch: int, at: Tensor, y: Tensor, *both: Tensor) -> list[Tensor | None]:
        if epoch >= 0.3 * EPOCHS:
            disputed = both[0].argmax(1) != both[1].argmax(1)
            y, both = y[disputed], (both[0][disputed], both[1][disputed])
        return teaching(epoch, at, y, *both)

    def jocor(epoch: int, at: Tensor, y: Tensor, *both: Tensor) -> list[Tensor | None]:
        one, other = (z.log_softmax(1) for z in both)
        divergence = functional.kl_div(one, other, log_target=True, reduction="none").sum(1)
        divergence += functional.kl_div(other, one, log_target=True, reduction="none").sum(1)
        supervised = cross_entropy(both[0], y) + cross_entropy(both[1], y)
        losses = 0.4 * supervised + 0.6 * divergence
        joint = losses[easiest(losses, drop(epoch))].mean()
        return [joint, joint]

    assert settings.method in SETTINGS
    formulas: dict[str, Callable[..., list[Tensor | None]]] = {
        "standard": standard,
        "forward": forward,
        "backward": backward,
        "early-learning": early,
        "small-loss": small,
        "co-teaching": teaching,
        "co-teaching-plus": plus,
        "jocor": jocor,
    }
    return formulas[method]


@pytest.mark.parametrize("method", METHODS)
def test_it_is_the_plain_loop(method: str, engine: Engine, digits: DatasetSplits) -> None:
    task = task_of(digits, method, **SETTINGS[method])
    networks = task.recipe.robust.networks
    loop = PlainLoop(task, len(networks))
    loop.run(plain_losses(task))
    state = trained(engine, task).states[0][-1]
    for name, model in zip(networks, loop.models, strict=True):
        weights = named_weights(task, state.arrays[f"{name}/weights"])
        for key, expected in model.state_dict().items():
            difference = np.linalg.norm(weights[key] - expected.numpy())
            assert difference < 2e-5 * np.linalg.norm(expected.numpy()), (name, key)


@pytest.mark.parametrize("method", METHODS)
def test_it_resumes_bit_for_bit(method: str, engine: Engine, digits: DatasetSplits) -> None:
    task = task_of(digits, method, **SETTINGS[method])
    recipe = task.recipe.model_copy(update={"ema_decay": 0.9, "train_size": 200})
    task = replace(task, recipe=recipe)
    recorder = trained(engine, task)
    for state in recorder.states[0][:-1]:
        resumed = trained(engine, replace(task, state=state))
        assert_same_result(resumed.results[0], recorder.results[0])
        last = recorder.records[0][-1]
        assert resumed.records[0][-1].running_loss == last.running_loss


def test_runs_in_one_pass_have_transitions_and_means_of_their_own(digits: DatasetSplits) -> None:
    tasks = []
    for method, settings in (
        ("forward", {"transition": "estimated", "warmup": 0.2}),
        ("early-learning", {}),
    ):
        task = task_of(digits, method, **settings)
        tasks += [replace(task, seeds=Seeds(run=seed)) for seed in range(2)]
    together = trained(TorchEngine(at_once=2), *tasks)
    alone = trained(TorchEngine(at_once=1), *tasks)
    for run in range(len(tasks)):
        for name, array in alone.states[run][-1].arrays.items():
            found = together.states[run][-1].arrays[name]
            np.testing.assert_allclose(found, array, rtol=1e-3, atol=1e-4)


def estimated(digits: DatasetSplits, estimator: str) -> RunTask:
    settings = {"transition": "estimated", "warmup": 0.5, "estimator": estimator}
    return task_of(digits, "forward", **settings)


def test_the_matrix_is_estimated_after_every_epoch(engine: Engine, digits: DatasetSplits) -> None:
    task = estimated(digits, "em")
    recorder = trained(engine, task)
    matrices = [record.estimated_transition for record in recorder.records[0]]
    assert matrices[0] is None
    labels = task.sample().labels.noisy
    # As from the stored weights of the epoch: the first from counts of all images, the next with
    # those of a fifth of them renewed.
    matrix, counts = np.eye(10), np.zeros((5, 10, 10))
    for epoch in (1, 2, 3):
        weights = named_weights(task, recorder.states[0][epoch].arrays["network/weights"])
        train = task.dataset.train
        logits = engine.logits(NETWORK, weights, train.images, train.normalization())
        p = probabilities(logits).astype(np.float64)
        if epoch == 1:
            counts[:] = calibrated_joint(p, labels) * 60
        else:
            own, given = p[epoch - 2 :: 5], labels[epoch - 2 :: 5]
            shares = own * matrix[:, given].T
            counts[epoch - 2] = (shares / shares.sum(axis=1, keepdims=True)).T @ np.eye(10)[given]
        matrix = transition_of_joint(counts.sum(axis=0))
        np.testing.assert_allclose(np.array(matrices[epoch]), matrix, atol=2e-6)
        np.testing.assert_array_equal(
            recorder.states[0][epoch].arrays["method/transition"].round(6),
            np.array(matrices[epoch]),
        )
    observed = task.sample().labels.observed_transition
    assert abs(np.array(matrices[-1]) - observed).mean() < abs(np.eye(10) - observed).mean()


@pytest.mark.parametrize("estimator", ["counts", "anchors"])
def test_other_estimators_estimate_once(
    estimator: str, engine: Engine, digits: DatasetSplits
) -> None:
    records = trained(engine, estimated(digits, estimator)).records[0]
    matrices = [record.estimated_transition for record in records]
    assert matrices[0] is None
    assert matrices[1] is not None
    assert matrices[1] == matrices[2] == matrices[3]
    assert np.array(matrices[1]).sum(axis=1) == pytest.approx(np.ones(10), abs=1e-5)


def test_before_the_first_estimate_training_is_standard(
    engine: Engine, digits: DatasetSplits
) -> None:
    standard = trained(engine, task_of(digits, "standard")).states[0][1]
    corrected = trained(engine, estimated(digits, "em")).states[0][1]
    np.testing.assert_array_equal(
        corrected.arrays["network/weights"], standard.arrays["network/weights"]
    )


def test_a_singular_estimate_ends_its_run_only(
    engine: Engine, digits: DatasetSplits, monkeypatch: pytest.MonkeyPatch
) -> None:
    halves = np.full((10, 10), 0.1)
    monkeypatch.setattr("seedbed.training.methods.correction.transition_of_joint", lambda _: halves)
    settings = {"transition": "estimated", "warmup": 0.5}
    tasks = [task_of(digits, method, **settings) for method in ("backward", "forward")]
    recorder = trained(engine, *tasks)
    failed, finished = recorder.results[0], recorder.results[1]
    assert failed.weights is None
    assert failed.diverged_epoch == 2
    assert "singular" in str(failed.diverged_reason)
    assert [record.epoch for record in recorder.records[0]] == [1]
    assert finished.weights is not None
    assert finished.diverged_reason is None


@pytest.mark.parametrize("estimator", ["em", "counts", "anchors"])
def test_an_estimated_matrix_resumes_bit_for_bit(
    estimator: str, engine: Engine, digits: DatasetSplits
) -> None:
    task = estimated(digits, estimator)
    recorder = trained(engine, task)
    for state in recorder.states[0][:-1]:  # before, at and after the first estimate
        resumed = trained(engine, replace(task, state=state))
        assert_same_result(resumed.results[0], recorder.results[0])
        for name, array in recorder.states[0][-1].arrays.items():
            np.testing.assert_array_equal(resumed.states[0][-1].arrays[name], array)
        matrices = [record.estimated_transition for record in recorder.records[0][state.epoch :]]
        assert [record.estimated_transition for record in resumed.records[0]] == matrices


@pytest.mark.parametrize("method", [name for name in METHODS if METHODS[name].selects])
def test_a_few_images_go_back_alone(method: str, engine: Engine, digits: DatasetSplits) -> None:
    """The native engine passes them forward again, unless batch norm has seen the others."""
    settings = SETTINGS[method] | {"forget_rate": 0.6, "ramp": 0.0}
    normalized = Network("normalized", (conv(6, 3), BatchNorm2d(), *NETWORK.layers[1:]))
    for network in (NETWORK, normalized):
        task = replace(task_of(digits, method, **settings), network=network)
        names = task.recipe.robust.networks
        loop = PlainLoop(task, len(names))
        loop.run(plain_losses(task, dropped=0.6))
        state = trained(engine, task).states[0][-1]
        for name, model in zip(names, loop.models, strict=True):
            weights = named_weights(task, state.arrays[f"{name}/weights"])
            for key, array in weights.items():
                expected = model.state_dict()[key].numpy()
                difference = np.linalg.norm(array - expected)
                assert difference < 1e-4 * np.linalg.norm(expected), (network.name, name, key)


@pytest.mark.parametrize("method", [name for name in METHODS if METHODS[name].selects])
def test_networks_that_select_have_masks_and_averages(method: str, digits: DatasetSplits) -> None:
    layers = (*NETWORK.layers[:-1], Dropout(0.5), linear(10))
    task = replace(task_of(digits, method, **SETTINGS[method]), network=Network("drops", layers))
    update: dict[str, Any] = {
        "ema_decay": 0.9,
        "optimizer": "adam",
        "learning_rate": 0.001,
        "label_smoothing": 0.1,
    }
    if method == "jocor":
        del update["label_smoothing"]
    update["augmentation"] = Augmentation(shift=1, elastic_alpha=5, erasing=0.5)
    task = replace(task, recipe=task.recipe.model_copy(update=update))
    native, torched = (trained(engine(), task) for engine in (NativeEngine, TorchEngine))
    for name, array in native.states[0][-1].arrays.items():
        expected = torched.states[0][-1].arrays[name]
        assert np.linalg.norm(array - expected) <= 1e-3 * np.linalg.norm(expected), name


def test_human_labels_are_corrected_by_the_observed_matrix(
    digits: DatasetSplits, tmp_path: Any
) -> None:
    clean = digits.train.labels
    labels = np.where(np.arange(300) % 3 == 0, (clean + 1) % 10, clean)
    path = tmp_path / "labels.npz"
    np.savez(path, clean_label=clean, mine=labels)
    task = task_of(digits, "forward", transition="noise")
    task = replace(task, noise=NoiseSpec(kind="human", labels=str(path), key="mine"))
    state = trained(NativeEngine(), task).states[0][0]
    expected = task.sample().labels.observed_transition
    np.testing.assert_array_equal(state.arrays["method/transition"], expected)
