"""What a run is given and gives back, whatever trains it: seeds, splits, states, results."""

from dataclasses import replace
from threading import Event
from typing import Any, ClassVar, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from kernels import Recorder, assert_same_result, engine_logits, random_splits
from seedbed.core.errors import StoreError
from seedbed.core.seeds import Seeds, stream
from seedbed.data.images import DatasetSplits
from seedbed.engines.native.engine import NativeEngine
from seedbed.engines.torch.engine import TorchEngine
from seedbed.networks.layers import Activation, Dropout, Flatten, MaxPool2d
from seedbed.networks.network import Network
from seedbed.noise.spec import NoiseSpec
from seedbed.training.engine import Engine, RunState, RunTask
from seedbed.training.methods.base import Arrays, Method, RunLabels, Steps
from seedbed.training.methods.standard import Standard
from seedbed.training.recipe import Augmentation, Recipe
from seedbed.training.weights import flat_weights, named_weights
from sentences import Sentence
from short_layers import conv, linear

NETWORK = Network(
    "small",
    (conv(5, 3), Activation("elu"), MaxPool2d(2), Flatten(), Dropout(0.3), linear(3)),
)
DATASET = random_splits((8, 9, 3))
RANDOM = Recipe(
    augmentation=Augmentation(shift=1, flip=True),
    train_size=70,
    validation_size=30,
    batch_size=16,
    epochs=2,
)
NOISE = NoiseSpec(kind="symmetric", rate=0.3)
TASK = RunTask(NETWORK, RANDOM, DATASET, noise=NOISE)
ALL = ("train", "validation", "test")
STREAMS = sorted(Seeds.model_fields.keys() - {"run"})


@pytest.fixture(scope="module", params=[NativeEngine, TorchEngine], ids=["native", "torch"])
def engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = request.param()
    return made


def trained(engine: Engine, *tasks: RunTask) -> Recorder:
    recorder = Recorder()
    engine.train(tasks, recorder, threads=2, stop=Event())
    return recorder


def weights(recorder: Recorder, run: int = 0) -> bytes:
    found = recorder.results[run].weights
    assert found is not None
    return b"".join(array.tobytes() for array in found.values())


def test_nothing_is_drawn_from_the_seed_of_the_run_itself(engine: Engine) -> None:
    streams = dict.fromkeys(STREAMS, 0)
    recorder = trained(engine, TASK, replace(TASK, seeds=Seeds(run=9, **streams)))
    assert_same_result(recorder.results[0], recorder.results[1])


def test_every_stream_changes_the_run(engine: Engine) -> None:
    folds = TASK.recipe.model_copy(update={"train_size": None, "validation_size": 0, "folds": 4})
    tasks = [TASK, *(replace(TASK, seeds=Seeds(**{name: 1})) for name in STREAMS if name != "fold")]
    tasks += [replace(TASK, recipe=folds, seeds=Seeds(fold=fold)) for fold in range(2)]
    recorder = trained(engine, *tasks)
    assert len({weights(recorder, run) for run in range(len(tasks))}) == len(tasks)


def test_initial_weights_can_be_held_fixed(engine: Engine) -> None:
    still = TASK.recipe.model_copy(update={"learning_rate": 1e-30})
    recorder = trained(
        engine,
        *(replace(TASK, recipe=still, seeds=Seeds(run=run, initialization=5)) for run in range(2)),
    )
    expected = NETWORK.initial_weights(DATASET.image_shape, stream(5, "initialization"))
    for run in range(2):
        found = recorder.results[run].weights
        assert found is not None
        for name, array in expected.items():
            np.testing.assert_allclose(found[name], array, rtol=0, atol=1e-28)


def test_logits_are_kept_of_the_splits_that_are_asked_for(engine: Engine) -> None:
    task = replace(TASK, keep_logits=ALL)
    recorder = trained(engine, task, TASK, replace(TASK, keep_logits=()))
    result, splits = recorder.results[0], task.splits()
    assert list(result.logits) == list(ALL)
    assert [list(recorder.results[run].logits) for run in (1, 2)] == [["test"], []]
    assert result.weights is not None
    for name, split in splits.items():
        images = split.dataset.images[split.indices]
        again = engine_logits(engine, task, result.weights, images)
        np.testing.assert_array_equal(result.logits[name], again)
        last = recorder.records[0][-1]
        right = (again.argmax(axis=1) == split.labels).mean()
        assert getattr(last, f"{name}_accuracy") == right


def test_evaluation_between_epochs_changes_nothing_else(engine: Engine) -> None:
    recipe = RANDOM.model_copy(update={"epochs": 5})
    often = replace(TASK, recipe=recipe, keep_logits=ALL)
    seldom = replace(often, recipe=recipe.model_copy(update={"evaluate_every": 2}))
    recorder = trained(engine, often, seldom)
    assert_same_result(recorder.results[0], recorder.results[1])
    for one, other in zip(recorder.records[0], recorder.records[1], strict=True):
        measured = other.epoch in (2, 4, 5)
        assert (one.evaluated, other.evaluated) == (True, measured)
        assert other.running_loss == one.running_loss
        fields = ("train_loss", "validation_accuracy", "test_accuracy", "clean_train_accuracy")
        for name in fields:
            assert getattr(other, name) == (getattr(one, name) if measured else None)


def test_the_best_epoch_is_one_that_was_evaluated(engine: Engine) -> None:
    recipe = RANDOM.model_copy(
        update={"epochs": 7, "evaluate_every": 3, "checkpoint": "best-on-validation"}
    )
    task = replace(TASK, recipe=recipe, keep_logits=ALL)
    recorder = trained(engine, task)
    result = recorder.results[0]
    accuracies = {each.epoch: each.validation_accuracy or 0 for each in recorder.records[0]}
    assert result.epoch == max((3, 6, 7), key=lambda epoch: accuracies[epoch])
    assert result.epoch is not None
    kept = named_weights(task, recorder.states[0][result.epoch - 1].arrays["network/weights"])
    for name, split in task.splits().items():
        again = engine_logits(engine, task, kept, split.dataset.images[split.indices])
        np.testing.assert_array_equal(result.logits[name], again)


def test_without_a_test_split_there_are_no_test_results(engine: Engine) -> None:
    dataset = DatasetSplits("untested", {"train": DATASET.train})
    recipe = RANDOM.model_copy(update={"train_size": None, "validation_size": 0})
    task = RunTask(NETWORK, recipe, dataset)
    recorder = trained(engine, task, replace(TASK, dataset=dataset))
    for run, images in ((0, 128), (1, 70)):
        for record in recorder.records[run]:
            assert (record.test_loss, record.test_accuracy) == (None, None)
            assert record.train_loss is not None
        assert recorder.images[run] == 2 * images
        assert recorder.results[run].logits == {}
        assert recorder.results[run].weights is not None
    assert recorder.records[0][0].validation_loss is None
    assert recorder.records[1][0].validation_loss is not None


def test_the_validation_split_of_a_dataset_is_measured(engine: Engine) -> None:
    splits = {"train": DATASET.train, "validation": DATASET.test}
    recipe = RANDOM.model_copy(update={"validation_size": 0})
    keep = ("validation",)
    task = RunTask(NETWORK, recipe, DatasetSplits("own", splits), keep_logits=keep)
    as_test = RunTask(NETWORK, recipe, DATASET)
    recorder = trained(engine, task, as_test)
    own, other = recorder.results[0].logits, recorder.results[1].logits
    np.testing.assert_array_equal(own["validation"], other["test"])
    for record, twin in zip(recorder.records[0], recorder.records[1], strict=True):
        assert record.validation_loss == twin.test_loss
        assert record.train_loss == twin.train_loss


class Twins(Method):
    """Two networks, of which the second predicts, and a number for each training image."""

    networks: ClassVar = ("first", "second")
    predicts: ClassVar = "second"

    method: Literal["twins"] = "twins"
    stride: int = 1

    def state(self, run: RunLabels) -> Arrays:
        np.testing.assert_array_equal(run.labels.noisy, TASK.sample().labels.noisy)
        np.testing.assert_array_equal(run.train, TASK.sample().train)
        assert (len(run.class_names), run.seeds) == (3, TASK.seeds)
        return {"seen": np.zeros(len(run.labels.noisy), np.int64)}

    def train_epoch(self, steps: Steps, state: dict[str, NDArray[Any]]) -> tuple[float, int]:
        assert (steps.epochs, steps.stopped) == (4, False)
        np.testing.assert_array_equal(state["seen"], steps.done * 3 * np.arange(128))
        steps.epoch(["first"])
        state["seen"] += self.stride * np.arange(len(state["seen"]))
        return steps.epoch(["second"])


@pytest.fixture
def twins() -> RunTask:
    changes = {"epochs": 4, "checkpoint": "best-on-validation", "ema_decay": 0.9}
    recipe = RANDOM.model_copy(update={**changes, "robust": Twins(stride=3)})
    return replace(TASK, recipe=recipe, keep_logits=ALL)


def test_a_method_may_keep_two_networks_and_a_row_an_image(engine: Engine, twins: RunTask) -> None:
    recorder = trained(engine, twins)
    for state in recorder.states[0]:
        assert set(state.arrays) == {
            *(f"first/{name}" for name in ("weights", "first_moment", "average")),
            *(f"second/{name}" for name in ("weights", "first_moment", "average")),
            *("method/seen", "best/weights", "best/accuracy_and_epoch"),
        }
        seen = state.arrays["method/seen"]
        np.testing.assert_array_equal(seen, state.epoch * 3 * np.arange(128))
        assert not np.array_equal(state.arrays["first/weights"], state.arrays["second/weights"])
        resumed = trained(engine, replace(twins, state=state))
        assert_same_result(resumed.results[0], recorder.results[0])
    result = recorder.results[0]
    assert result.weights is not None
    assert result.epoch is not None
    kept = recorder.states[0][result.epoch - 1].arrays["second/average"]
    np.testing.assert_array_equal(flat_weights(twins, result.weights), kept)


def test_the_first_network_of_a_method_is_that_of_any_other(engine: Engine, twins: RunTask) -> None:
    both = trained(engine, twins).states[0][0]
    recipe = twins.recipe.model_copy(update={"robust": Standard()})
    standard = trained(engine, replace(twins, recipe=recipe)).states[0][0]
    for name in ("weights", "first_moment", "average"):
        np.testing.assert_array_equal(
            both.arrays[f"first/{name}"], standard.arrays[f"network/{name}"]
        )


@pytest.mark.parametrize("name", ["method/seen", "second/weights", "best/weights"])
@pytest.mark.parametrize("change", ["missing", "longer", "another type", "another name"])
def test_a_state_that_does_not_fit_is_refused_by_name(
    twins: RunTask, name: str, change: str
) -> None:
    engine = NativeEngine()
    arrays = dict(trained(engine, twins).states[0][0].arrays)
    array = arrays.pop(name)
    if change == "longer":
        arrays[name] = np.append(array, array[:1])
    elif change == "another type":
        arrays[name] = array.astype(np.float64)
    elif change == "another name":
        arrays[f"{name}s"] = array
    with pytest.raises(StoreError) as error:
        trained(engine, replace(twins, state=RunState(1, arrays)))
    assert name in error.value.what
    assert error.value.where == "small, seed 0"


def test_the_sentence_about_a_state_that_does_not_fit(twins: RunTask, sentence: Sentence) -> None:
    engine = NativeEngine()
    arrays = dict(trained(engine, twins).states[0][0].arrays)
    arrays["method/seen"] = arrays["method/seen"][:1].astype(np.float64)
    arrays["third/weights"] = arrays.pop("second/weights")
    with pytest.raises(StoreError) as error:
        trained(engine, replace(twins, state=RunState(1, arrays)))
    sentence(error.value)
