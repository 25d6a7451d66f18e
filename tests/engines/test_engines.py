"""The engine contract, kept by both engines."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from threading import Event
from typing import get_args

import numpy as np
import pytest

from kernels import Recorder, assert_same_result, random_splits
from seedbed.core.errors import StoreError
from seedbed.core.seeds import Seeds, stream
from seedbed.engines.native.engine import NativeEngine
from seedbed.engines.torch.engine import TorchEngine
from seedbed.networks.initialization import Initialization
from seedbed.networks.layers import (
    Activation,
    Dropout,
    Flatten,
    MaxPool2d,
)
from seedbed.networks.network import Network
from seedbed.networks.zoo import lenet5
from seedbed.noise.spec import NoiseSpec
from seedbed.training.engine import Engine, EpochRecord, RunResult, RunState, RunTask
from seedbed.training.recipe import Augmentation, Optimizer, Recipe
from short_layers import conv, linear

NETWORK = Network(
    "small",
    (conv(5, 3), Activation("elu"), MaxPool2d(2), Flatten(), linear(9), linear(3)),
)
DATASET = random_splits((8, 9, 3))
EVERYTHING = Recipe(
    optimizer="adamw",
    ema_decay=0.9,
    label_smoothing=0.1,
    mixup=0.4,
    augmentation=Augmentation(shift=1, rotation=5, scale=0.1, flip=True),
    batch_size=30,
    epochs=4,
)
ALL_THE_REST = Recipe(
    optimizer="adam",
    loss="brier",
    l1_penalty=1e-4,
    l2_penalty=1e-3,
    initialization="he-normal",
    train_size=70,
    validation_size=20,
    checkpoint="best-on-validation",
    batch_size=16,
    epochs=4,
)
TASKS = [
    RunTask(NETWORK, Recipe(batch_size=8, epochs=3), DATASET, seeds=Seeds(run=1)),
    RunTask(NETWORK, EVERYTHING, DATASET, seeds=Seeds(run=2)),
    RunTask(
        lenet5(3, activation="tanh"), Recipe(epochs=2, batch_size=50), DATASET, seeds=Seeds(run=1)
    ),
    RunTask(NETWORK, Recipe(batch_size=8, epochs=3), DATASET, seeds=Seeds(run=3)),
    RunTask(NETWORK, Recipe(momentum=0, epochs=1), random_splits((5, 6, 1)), seeds=Seeds(run=0)),
    RunTask(
        Network("dropping", (Dropout(0.2), *NETWORK.layers[:-1], Dropout(0.5), linear(3))),
        ALL_THE_REST,
        DATASET,
        seeds=Seeds(run=4),
        noise=NoiseSpec(kind="symmetric", rate=0.3),
    ),
]
ENDLESS = Recipe(epochs=1_000_000, batch_size=8)


@pytest.fixture(scope="module", params=[NativeEngine, TorchEngine], ids=["native", "torch"])
def engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = request.param()
    return made


def trained(engine: Engine, tasks: Sequence[RunTask], threads: int = 1) -> Recorder:
    recorder = Recorder()
    engine.train(tasks, recorder, threads=threads, stop=Event())
    return recorder


def assert_same_bits(one: Recorder, other: Recorder, runs: int = len(TASKS)) -> None:
    for run in range(runs):
        for record, again in zip(one.records[run], other.records[run], strict=True):
            assert replace(record, seconds=0) == replace(again, seconds=0)
        for state, twin in zip(one.states[run], other.states[run], strict=True):
            assert_same_state(state, twin)
        assert_same_result(one.results[run], other.results[run])


def assert_same_state(one: RunState, other: RunState) -> None:
    assert one.epoch == other.epoch
    assert one.arrays.keys() == other.arrays.keys()
    for name, array in one.arrays.items():
        np.testing.assert_array_equal(other.arrays[name], array)


@pytest.fixture(scope="module")
def alone(engine: Engine) -> Recorder:
    return trained(engine, TASKS)


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_threads_change_no_bit(engine: Engine, threads: int, alone: Recorder) -> None:
    assert_same_bits(alone, trained(engine, TASKS, threads))


def test_other_runs_change_no_bit(engine: Engine, alone: Recorder) -> None:
    for run, task in enumerate(TASKS):
        assert_same_result(alone.results[run], trained(engine, [task]).results[0])


def test_any_epoch_can_be_resumed(engine: Engine, alone: Recorder) -> None:
    for run, task in enumerate(TASKS):
        for state in alone.states[run]:
            frozen = {name: array.copy() for name, array in state.arrays.items()}
            recorder = trained(engine, [replace(task, state=state)])
            assert_same_result(alone.results[run], recorder.results[0])
            rest = recorder.records.get(0, [])
            for record, again in zip(alone.records[run][state.epoch :], rest, strict=True):
                assert replace(record, seconds=0) == replace(again, seconds=0)
            assert_same_state(state, RunState(state.epoch, frozen))


def test_states_hold_nothing_that_training_goes_on_to_change(alone: Recorder) -> None:
    first, second = alone.states[0][:2]
    assert not np.array_equal(first.arrays["network/weights"], second.arrays["network/weights"])


def test_images_are_counted(alone: Recorder) -> None:
    for run, task in enumerate(TASKS):
        assert alone.images[run] == task.recipe.epochs * len(task.sample().train)


def test_without_runs_nothing_happens(engine: Engine) -> None:
    assert trained(engine, [], threads=2).calls == []


@pytest.mark.parametrize("threads", [1, 2])
def test_stop_ends_all_soon_and_calls_nobody_afterwards(engine: Engine, threads: int) -> None:
    recorder, stop = Recorder(), Event()
    tasks = [
        RunTask(
            lenet5(3), ENDLESS, random_splits((28, 28, 1), train=4000, test=2000), Seeds(run=seed)
        )
        for seed in range(3)
    ]
    worker = threading.Thread(
        target=engine.train,
        args=(tasks, recorder),
        kwargs={"threads": threads, "stop": stop},
    )
    worker.start()
    time.sleep(0.3)
    stop.set()
    asked = time.perf_counter()
    worker.join()
    assert time.perf_counter() - asked < 5  # a second is the promise, on an idle machine
    calls = len(recorder.calls)
    assert calls > 0
    time.sleep(0.1)
    assert len(recorder.calls) == calls
    assert not recorder.results


@pytest.mark.parametrize("moment", ["images", "epoch"])
def test_nobody_is_called_once_stop_is_set(engine: Engine, moment: str) -> None:
    stop = Event()

    class Stopping(Recorder):
        def images_trained(self, run: int, count: int) -> None:
            super().images_trained(run, count)
            if moment == "images":
                stop.set()

        def epoch_finished(self, run: int, record: EpochRecord, state: RunState) -> None:
            super().epoch_finished(run, record, state)
            stop.set()

    recorder = Stopping()
    engine.train(TASKS, recorder, threads=1, stop=stop)
    assert recorder.calls[-1] == (moment, 0)
    assert sum(call[0] == moment for call in recorder.calls) == 1
    engine.train(TASKS, recorder, threads=2, stop=stop)
    assert recorder.calls[-1] == (moment, 0)


@pytest.mark.parametrize("method", ["images_trained", "epoch_finished", "run_finished"])
def test_an_observer_that_fails_ends_all(
    engine: Engine, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder, stop, full_disk = Recorder(), Event(), OSError("disk full")
    called: Callable[..., None] = getattr(recorder, method)

    def failing(run: int, *arguments: object) -> None:
        called(run, *arguments)
        if run == 0:
            raise full_disk

    monkeypatch.setattr(recorder, method, failing)
    endless = replace(TASKS[0], recipe=ENDLESS)
    # The short run comes first: behind endless ones, the scheduler may never start it.
    with pytest.raises(OSError) as error:  # noqa: PT011
        engine.train([TASKS[0], endless, endless], recorder, threads=2, stop=stop)
    assert error.value is full_disk
    assert stop.is_set()
    assert recorder.results.keys() <= {0}


def test_a_run_that_diverges_ends_and_the_others_go_on(engine: Engine, alone: Recorder) -> None:
    wild = replace(TASKS[0], recipe=Recipe(batch_size=8, epochs=3, learning_rate=1e30))
    recorder = trained(engine, [TASKS[0], wild, TASKS[1]], threads=2)
    assert recorder.results[1] == RunResult(None, diverged_epoch=1)
    assert 1 not in recorder.records
    assert [call for call in recorder.calls if call[1] == 1][-1] == ("run", 1)
    for run, same in ((0, 0), (2, 1)):
        assert_same_result(alone.results[same], recorder.results[run])


@pytest.mark.parametrize("learning_rate", [1e2, 1e5, 1e10, 1e38])
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_what_is_recorded_is_finite(
    engine: Engine, optimizer: Optimizer, learning_rate: float
) -> None:
    """However wild the training: it diverges, or all that it leaves behind are numbers."""
    recipe = Recipe(optimizer=optimizer, learning_rate=learning_rate, batch_size=8, epochs=3)
    recorder = trained(engine, [replace(task, recipe=recipe) for task in (TASKS[0], TASKS[2])])
    for run, result in recorder.results.items():
        for record in recorder.records.get(run, []):
            recorded = [value for value in asdict(record).values() if value is not None]
            assert np.isfinite(recorded).all()
        if result.diverged_epoch is None:
            assert result.weights is not None
            assert all(np.isfinite(array).all() for array in result.weights.values())
            assert np.isfinite(result.logits["test"]).all()
        else:
            assert len(recorder.records.get(run, [])) == result.diverged_epoch - 1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("array", ["weights", "first_moment", "second_moment", "average"])
def test_a_state_with_a_number_that_is_none_diverges_at_once(
    engine: Engine, array: str, value: float, alone: Recorder
) -> None:
    arrays = {name: values.copy() for name, values in alone.states[1][1].arrays.items()}
    arrays[f"network/{array}"][7] = value
    recorder = trained(engine, [replace(TASKS[1], state=RunState(2, arrays))])
    assert recorder.results[0] == RunResult(None, diverged_epoch=3)
    assert 0 not in recorder.records


def test_a_state_of_another_network_is_refused(engine: Engine, alone: Recorder) -> None:
    good = {name: array.copy() for name, array in alone.states[0][0].arrays.items()}
    del good["network/first_moment"]
    good |= {"network/weights": np.zeros(5, np.float32), "method/targets": np.zeros(3)}
    with pytest.raises(StoreError) as error:
        trained(engine, [replace(TASKS[0], state=RunState(1, good))])
    for name in ("method/targets", "network/first_moment", "network/weights is float32 5 "):
        assert name in error.value.what


@pytest.mark.parametrize("initialization", get_args(Initialization))
def test_initial_weights_are_those_of_the_network(
    engine: Engine, initialization: Initialization
) -> None:
    """With a learning rate of next to nothing, they are what comes out."""
    recipe = Recipe(learning_rate=1e-30, epochs=1, initialization=initialization)
    task = replace(TASKS[0], seeds=Seeds(run=5), recipe=recipe)
    found = trained(engine, [task]).results[0].weights
    expected = task.network.initial_weights(
        task.dataset.image_shape, stream(5, "initialization"), initialization
    )
    assert found is not None
    assert list(found) == list(expected)
    for name, array in expected.items():
        assert found[name].dtype == np.float32
        # A bias of 0 has room to move by next to nothing.
        np.testing.assert_allclose(found[name], array, rtol=0, atol=1e-28)
