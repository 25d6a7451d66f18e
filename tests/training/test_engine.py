"""What an engine declares, and what follows from it for a run."""

from dataclasses import replace
from typing import Any

import pytest

from fake_engine import FakeEngine
from kernels import task_of
from seedbed.core.errors import NetworkError, UnsupportedLayer
from seedbed.networks.layers import LAYERS, BatchNorm2d, Flatten, Residual
from seedbed.training.engine import EngineFacts
from seedbed.training.losses.registry import LOSSES
from sentences import Sentence
from short_layers import conv, linear

FACTS = FakeEngine().facts
NESTED = (conv(3, 1), Residual((conv(3, 1), BatchNorm2d())), Flatten(), linear(3))


def facts(*layers: str) -> EngineFacts:
    return replace(FACTS, layers=frozenset(layers))


def test_a_layer_that_is_not_declared_is_refused_by_name() -> None:
    task = task_of(*NESTED, image_shape=(8, 8, 1))
    facts("Conv2d", "Residual", "BatchNorm2d", "Flatten", "Linear").check(task)
    for lacking, name in {"BatchNorm2d": "residual1.branch.bn1", "Linear": "fc1"}.items():
        engine = facts(*(set(LAYERS) - {lacking}))
        with pytest.raises(UnsupportedLayer) as error:
            engine.check(task)
        assert lacking in error.value.what
        assert name in error.value.what
        assert error.value.where == "test"


@pytest.mark.parametrize(
    ("setting", "value"),
    [("precision", "bfloat16"), *(("loss", name) for name in LOSSES if name not in FACTS.losses)],
)
def test_a_setting_that_is_not_declared_is_refused(setting: str, value: str) -> None:
    settings: dict[str, Any] = {setting: value}
    task = task_of(Flatten(), linear(3), image_shape=(8, 8, 1), **settings)
    with pytest.raises(UnsupportedLayer) as error:
        FACTS.check(task)
    assert error.value.where == f"recipe.{setting}"
    assert value in error.value.what
    available = {"precision": "float32", "loss": "cross-entropy"}[setting]
    assert error.value.expected == available


def test_a_method_that_is_not_declared_is_refused(sentence: Sentence) -> None:
    lacking = replace(FACTS, methods=frozenset({"first", "second"}))
    with pytest.raises(UnsupportedLayer) as error:
        lacking.check(task_of(Flatten(), linear(3), image_shape=(8, 8, 1)))
    assert error.value.where == "recipe.robust"
    assert error.value.expected == "first or second"
    sentence(error.value)


def test_layers_that_do_not_fit_are_refused_even_if_all_are_declared() -> None:
    with pytest.raises(NetworkError):
        FACTS.check(task_of(conv(1, 9), Flatten(), linear(3), image_shape=(8, 8, 1)))
