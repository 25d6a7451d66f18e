"""What only the native engine has."""

from dataclasses import dataclass
from threading import Event
from typing import ClassVar

import pytest

from kernels import Recorder, assert_same_result, random_splits, task_of
from seedbed.core.errors import NetworkError, UnsupportedLayer
from seedbed.core.seeds import Seeds
from seedbed.engines.native.engine import NativeEngine, supported_instructions
from seedbed.networks.layers import (
    Activation,
    AvgPool2d,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Pad,
)
from seedbed.networks.network import Network
from seedbed.networks.shapes import Shape
from seedbed.training.engine import RunTask
from seedbed.training.recipe import Recipe
from sentences import Sentence
from short_layers import conv, linear

NETWORK = Network(
    "small",
    (conv(5, 3), Activation("elu"), MaxPool2d(2), Flatten(), linear(9), linear(3)),
)
TASKS = [
    RunTask(NETWORK, Recipe(batch_size=8, epochs=2), random_splits((8, 9, 3)), seeds=Seeds(run=1)),
    RunTask(NETWORK, Recipe(momentum=0, epochs=1), random_splits((5, 6, 1)), seeds=Seeds(run=0)),
]


def trained() -> Recorder:
    recorder = Recorder()
    NativeEngine().train(TASKS, recorder, threads=1, stop=Event())
    return recorder


def test_how_steps_are_shared_among_calls_changes_no_bit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It hangs on the clock, and so does nothing else."""
    alone = trained()
    monkeypatch.setattr("seedbed.engines.native.run._SECONDS_A_CALL", 0.0)
    monkeypatch.setattr("seedbed.engines.native.trainer._IMAGES_A_CALL", 7)
    again = trained()
    for run in range(len(TASKS)):
        assert_same_result(alone.results[run], again.results[run])


def test_networks_of_supported_layers_pass() -> None:
    engine = NativeEngine()
    for task in TASKS:
        engine.check(task)
    engine.check(
        task_of(Pad(9), conv(2, 3), AvgPool2d(2), Flatten(), linear(3), image_shape=(5, 5, 1))
    )


@dataclass(frozen=True)
class Reverse(Layer):
    """A layer of somebody else's, without kernels."""

    prefix: ClassVar[str] = "reverse"

    def output_shape(self, input_shape: Shape) -> Shape:
        return input_shape


LACKING: dict[str, tuple[Layer, ...]] = {
    "padding without a convolution": (Pad(12), MaxPool2d(2), Flatten(), linear(3)),
    "an activation at the end": (Flatten(), linear(3), Activation("relu")),
    "a convolution at the end": (conv(3, 8),),
    "a layer without kernels": (Reverse(), Flatten(), linear(3)),
    "a linear layer without a bias": (Flatten(), Linear(64, 3, bias=False)),
}


@pytest.mark.parametrize("layers", LACKING.values(), ids=LACKING)
def test_what_the_engine_does_not_have_is_refused_by_name(
    layers: tuple[Layer, ...], sentence: Sentence
) -> None:
    with pytest.raises(UnsupportedLayer) as error:
        NativeEngine().check(task_of(*layers, image_shape=(8, 8, 1)))
    assert error.value.where == "test"
    sentence(error.value)


def test_layers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(NetworkError) as error:
        NativeEngine().check(task_of(conv(1, 9), Flatten(), linear(3), image_shape=(8, 8, 1)))
    assert not isinstance(error.value, UnsupportedLayer)
    assert error.value.where == "test"
    assert error.value.what.startswith("conv1 ")


def test_unknown_instructions_are_refused() -> None:
    with pytest.raises(UnsupportedLayer) as error:
        NativeEngine("mmx")  # type: ignore[arg-type]
    assert "'mmx'" in error.value.what
    assert error.value.expected == " or ".join(supported_instructions())


def test_the_fastest_instructions_are_the_default() -> None:
    assert supported_instructions()[-1] == "portable"
    assert NativeEngine().facts.instructions == supported_instructions()[0]
