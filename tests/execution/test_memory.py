"""The in-memory API, with an engine that is simple enough to know what it does."""

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from threading import Event

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import reference
from fake_engine import FakeEngine
from kernels import engine_logits
from seedbed.core.errors import DataError, NetworkError, SeedbedError, StudyError, UnsupportedLayer
from seedbed.data.catalog import load_dataset
from seedbed.data.images import DatasetSplits, ImageDataset, Normalization
from seedbed.execution.memory import TrainedRun, train
from seedbed.execution.threads import available_cores
from seedbed.networks.layers import Flatten, MaxPool2d
from seedbed.networks.network import Network
from seedbed.networks.zoo import lenet5
from seedbed.noise.spec import NoiseSpec
from seedbed.training.engine import (
    Arrays,
    Engine,
    EpochRecord,
    Observer,
    RunResult,
    RunState,
    RunTask,
)
from seedbed.training.recipe import Recipe
from sentences import Sentence
from short_layers import linear

NETWORK = Network("linear", (Flatten(), linear(3)))
RECIPE = Recipe(epochs=2)


class Scripted:
    """Trains nothing: its weights say which seed they came from, its last image wins."""

    def __init__(self) -> None:
        self.facts = FakeEngine().facts
        self.threads = 0
        self.stop = Event()
        self.diverging: tuple[int, ...] = ()
        self.kept = 2
        self.before_training: Callable[[], object] = lambda: None

    def check_network(self, network: Network, image_shape: tuple[int, int, int]) -> None:
        pass

    def check(self, task: RunTask) -> None:
        if any(isinstance(layer, MaxPool2d) for layer in task.network.layers):
            raise UnsupportedLayer("scripted has no MaxPool2d")

    def train(
        self, tasks: Sequence[RunTask], observer: Observer, *, threads: int, stop: Event
    ) -> None:
        self.threads, self.stop = threads, stop
        self.before_training()
        if stop.is_set():
            return
        # Last one first: the order in which an engine reports must not matter.
        for run, task in reversed(list(enumerate(tasks))):
            for epoch in range(1, task.recipe.epochs + 1):
                if task.seeds.run in self.diverging and epoch == 2:
                    observer.run_finished(run, RunResult(None, diverged_epoch=2))
                    break
                observer.images_trained(run, len(task.dataset.train))
                accuracy = task.seeds.run / 100 + epoch / 10
                record = EpochRecord(
                    epoch=epoch,
                    learning_rate=0.1,
                    train_loss=2.0,
                    train_accuracy=0.3,
                    test_loss=2.0,
                    test_accuracy=accuracy,
                    running_loss=2.0,
                    running_accuracy=0.3,
                    seconds=0.01,
                )
                observer.epoch_finished(run, record, RunState(epoch, {}))
            else:
                weights = {"fc1.bias": np.full(3, task.seeds.run, np.float32)}
                logits = engine_logits(self, task, weights, task.dataset.test.images)
                observer.run_finished(run, RunResult(weights, {"test": logits}, self.kept))

    def logits(
        self,
        network: Network,
        weights: Arrays,
        images: NDArray[np.uint8],
        normalization: Normalization,
    ) -> NDArray[np.float32]:
        pixels = images.reshape(len(images), 8)[:, :3]
        return pixels.astype(np.float32) * 1000 + weights["fc1.bias"]


@pytest.fixture
def dataset() -> DatasetSplits:
    generator = np.random.default_rng(0)
    train_split, test_split = (
        ImageDataset(
            generator.integers(0, 256, (count, 2, 4, 1), dtype=np.uint8),
            generator.integers(0, 3, count),
            ("ant", "bee", "cat"),
        )
        for count in (12, 5)
    )
    return DatasetSplits("insects", {"train": train_split, "test": test_split})


def scripted(
    dataset: DatasetSplits, engine: Engine | None = None, **options: object
) -> list[TrainedRun]:
    return train(NETWORK, RECIPE, dataset, engine=engine or Scripted(), **options)  # type: ignore[arg-type]


def test_there_is_a_run_for_each_seed_in_their_order(dataset: DatasetSplits) -> None:
    runs = scripted(dataset, seeds=3)
    assert [run.seed for run in runs] == [0, 1, 2]
    assert [run.test_accuracy for run in runs] == pytest.approx([0.20, 0.21, 0.22])
    for run in runs:
        assert [record.epoch for record in run.history] == [1, 2]
        assert run.weights is not None
        assert run.weights["fc1.bias"][0] == run.seed
        assert run.logits is not None
        assert run.logits.shape == (5, 3)
        assert run.diverged_epoch is None
        assert run.task.dataset is dataset
    assert repr(runs[1]) == "TrainedRun(seed=1, epochs=2, test_accuracy=0.2100)"


def test_the_accuracy_is_that_of_the_epoch_whose_weights_were_kept(dataset: DatasetSplits) -> None:
    engine = Scripted()
    engine.kept = 1
    runs = scripted(dataset, engine, seeds=3)
    assert [run.epoch for run in runs] == [1, 1, 1]
    assert [run.test_accuracy for run in runs] == pytest.approx([0.10, 0.11, 0.12])


@pytest.mark.parametrize("seeds", [[7, 3], (7, 3), np.array([7, 3]), range(7, 2, -4)])
def test_seeds_can_be_chosen(dataset: DatasetSplits, seeds: Sequence[int]) -> None:
    assert [run.seed for run in scripted(dataset, seeds=seeds)] == [7, 3]


def test_five_seeds_and_all_cores_are_the_default(dataset: DatasetSplits) -> None:
    engine = Scripted()
    assert len(scripted(dataset, engine)) == 5
    assert engine.threads == available_cores()
    scripted(dataset, engine, threads=7)
    assert engine.threads == 7


def test_available_cores_are_those_of_this_process() -> None:
    assert 1 <= available_cores() <= (os.cpu_count() or 1)


def test_probabilities_are_the_softmax_of_the_logits_however_large(dataset: DatasetSplits) -> None:
    (run,) = scripted(dataset, seeds=1)
    images = dataset.test.images.copy()
    images[0].reshape(-1)[:3] = 9
    probabilities = run.predict_proba(images)
    assert probabilities.shape == (5, 3)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)
    np.testing.assert_allclose(probabilities[0], 1 / 3, rtol=1e-6)
    pixels = images.reshape(5, -1)[:, :3]
    np.testing.assert_array_equal(probabilities.argmax(axis=1), pixels.argmax(axis=1))
    assert run.predict_proba(images[:0]).shape == (0, 3)


def test_a_diverged_run_is_returned_without_weights_and_the_others_go_on(
    dataset: DatasetSplits, sentence: Sentence
) -> None:
    engine = Scripted()
    engine.diverging = (1,)
    good, diverged, also_good = scripted(dataset, engine, seeds=3)
    assert diverged.diverged_epoch == 2
    assert diverged.weights is None
    assert diverged.logits is None
    assert len(diverged.history) == 1
    assert repr(diverged) == "TrainedRun(seed=1, epochs=1, diverged_epoch=2)"
    assert good.weights is not None
    assert also_good.weights is not None
    with pytest.raises(SeedbedError) as error:
        _ = diverged.test_accuracy
    with pytest.raises(SeedbedError) as other:
        diverged.predict_proba(dataset.test.images)
    assert str(error.value) == str(other.value)
    sentence(error.value)


def waits(thread: int) -> bool:
    """Whether the thread waits for the engine; before that, Ctrl-C may find no engine."""
    frames = traceback.walk_stack(sys._current_frames()[thread])
    return any(frame.f_code is wait.__code__ for frame, _ in frames)


def test_ctrl_c_stops_the_engine_waits_for_it_and_is_passed_on(dataset: DatasetSplits) -> None:
    engine = Scripted()
    ended = Event()

    def interrupted() -> None:
        main = threading.main_thread().ident
        assert main is not None
        while not waits(main):
            time.sleep(0.01)
        signal.pthread_kill(main, signal.SIGINT)
        assert engine.stop.wait(timeout=10)
        ended.set()

    engine.before_training = interrupted
    with pytest.raises(KeyboardInterrupt):
        scripted(dataset, engine)
    assert ended.is_set()


def test_what_goes_wrong_in_the_engine_is_raised_here(dataset: DatasetSplits) -> None:
    engine = Scripted()

    no_room = MemoryError("no room")

    def fail() -> None:
        raise no_room

    engine.before_training = fail
    with pytest.raises(MemoryError) as error:
        scripted(dataset, engine)
    assert error.value is no_room


@pytest.mark.parametrize(
    ("network", "kind", "name"),
    [
        (Network("four", (Flatten(), linear(4))), NetworkError, "4 "),
        (Network("pool", (MaxPool2d(3), Flatten(), linear(3))), NetworkError, "pool1"),
        (Network("pool", (MaxPool2d(2), Flatten(), linear(3))), UnsupportedLayer, "MaxPool2d"),
    ],
)
def test_a_network_that_does_not_fit_is_refused_before_training(
    dataset: DatasetSplits, network: Network, kind: type[SeedbedError], name: str
) -> None:
    engine = Scripted()
    with pytest.raises(kind) as error:
        train(network, RECIPE, dataset, engine=engine)
    assert name in str(error.value)
    assert engine.threads == 0


@pytest.mark.parametrize(
    ("options", "where", "name"),
    [
        ({"seeds": 0}, "seeds", "0"),
        ({"seeds": True}, "seeds", "True"),
        ({"seeds": 2.5}, "seeds", "2.5"),
        ({"seeds": "5"}, "seeds", "'5'"),
        ({"seeds": []}, "seeds", "empty"),
        ({"seeds": [1, -1]}, "seeds", "-1"),
        ({"seeds": [1, 2, 1]}, "seeds", "twice"),
        ({"threads": 0}, "threads", "0"),
        ({"engine": "nativ"}, "engine", "'nativ'"),
    ],
    ids=["zero", "bool", "float", "str", "empty", "negative", "repeated", "threads", "engine"],
)
def test_options_that_cannot_be_used_are_refused_in_one_line(
    dataset: DatasetSplits, options: dict[str, object], where: str, name: str, sentence: Sentence
) -> None:
    with pytest.raises(StudyError) as error:
        scripted(dataset, **options)  # type: ignore[arg-type]
    assert error.value.where == where
    assert name in error.value.what
    if name in ("0", "empty", "twice") and where == "seeds":
        sentence(error.value)


@pytest.mark.parametrize(
    ("images", "names", "hint"),
    [
        (np.zeros((5, 2, 4, 1), np.float32), ["float32", "5×2×4×1"], ""),
        (np.zeros((5, 4, 2, 1), np.uint8), ["uint8", "5×4×2×1"], ""),
        (np.zeros((2, 4, 1), np.uint8), ["uint8", "2×4×1"], "images[None]"),
    ],
    ids=["type", "shape", "single"],
)
def test_images_of_another_kind_are_refused(
    dataset: DatasetSplits, images: NDArray[np.uint8], names: list[str], hint: str
) -> None:
    (run,) = scripted(dataset, seeds=1)
    with pytest.raises(DataError) as error:
        run.predict_proba(images)
    assert all(name in error.value.what for name in names)
    assert error.value.expected == "uint8, N×2×4×1"
    assert hint in error.value.hint
    assert bool(error.value.hint) == bool(hint)


def test_images_that_are_no_array_are_refused(dataset: DatasetSplits) -> None:
    (run,) = scripted(dataset, seeds=1)
    with pytest.raises(DataError) as error:
        run.predict_proba([[1]])  # type: ignore[arg-type]
    assert "list" in error.value.what


def test_the_weights_of_a_run_fit_pytorch_and_give_the_same_logits() -> None:
    digits = load_dataset("digits")
    network = lenet5(activation="elu")
    (run,) = train(network, Recipe(epochs=1, batch_size=32), digits, seeds=[3], threads=1)
    assert run.weights is not None
    assert run.logits is not None
    normalization = digits.train.normalization()
    images = reference.normalize(digits.test.images, normalization.mean, normalization.std)
    expected = reference.logits(network, digits.image_shape, run.weights, images)
    np.testing.assert_allclose(run.logits, expected, rtol=1e-4, atol=1e-5)
    right = expected.argmax(axis=1) == digits.test.labels
    assert run.test_accuracy == pytest.approx(right.mean())
    probabilities = run.predict_proba(digits.test.images)
    np.testing.assert_allclose(
        probabilities, torch.tensor(expected).softmax(dim=1).numpy(), rtol=1e-4, atol=1e-6
    )


def test_label_noise_is_drawn_for_each_seed() -> None:
    dataset = load_dataset("digits")
    noise = NoiseSpec(kind="symmetric", rate=0.4)
    runs = train(lenet5(), Recipe(epochs=1), dataset, seeds=2, noise=noise)
    for run in runs:
        record = run.history[-1]
        assert record.clean_train_accuracy is not None
        assert record.clean_train_accuracy != record.train_accuracy
    first, second = (run.task.sample().labels.noisy for run in runs)
    assert not np.array_equal(first, second)


def test_noise_that_hides_the_classes_draws_a_warning(dataset: DatasetSplits) -> None:
    noise = NoiseSpec(kind="pair", rate=0.5)
    with pytest.warns(UserWarning) as caught:  # noqa: PT030
        train(NETWORK, RECIPE, dataset, engine=Scripted(), noise=noise)
    (warning,) = caught
    assert warning.filename == __file__
    assert "'ant'" in str(warning.message)
    assert "'bee'" in str(warning.message)
    # Warnings are errors here.
    scripted(dataset, noise=NoiseSpec(kind="pair", rate=0.49))
