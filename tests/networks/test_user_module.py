"""Modules of the user's own: what is found out about them, and what is refused."""

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from seedbed.core.errors import MissingExtra, NetworkError
from seedbed.core.seeds import stream
from seedbed.networks.cost import cost
from seedbed.networks.user_module import as_network
from seedbed.networks.zoo import resnet8
from sentences import Sentence
from user_modules import ResNet8, make_resnet8

SHAPE = (32, 32, 3)


def test_its_parameters_and_buffers_are_those_of_the_module() -> None:
    network, module = as_network(make_resnet8, 10), make_resnet8()
    parameters = {name: tuple(each.shape) for name, each in module.named_parameters()}
    buffers = {name: tuple(each.shape) for name, each in module.named_buffers()}
    assert network.name == "make_resnet8"
    assert network.parameters(SHAPE) == parameters
    assert network.buffers(SHAPE) == buffers
    network.check(SHAPE, 10)


def test_it_costs_what_the_same_layers_cost() -> None:
    own, layers = cost(as_network(make_resnet8, 10), SHAPE), cost(resnet8(), SHAPE)
    assert own.parameters == layers.parameters
    assert own.multiply_adds == layers.multiply_adds


def test_what_is_frozen_is_kept_and_not_trained() -> None:
    module = ResNet8(10, 3)
    module.conv1.weight.requires_grad_(False)
    network = as_network(module, 10)
    assert "conv1.weight" not in network.parameters(SHAPE)
    assert next(iter(network.buffers(SHAPE))) == "conv1.weight"


def test_a_function_draws_weights_for_every_seed_and_a_module_keeps_its_own() -> None:
    module = ResNet8(10, 3, width=4)
    drawn = [
        as_network(make_resnet8, 10).initial_weights(SHAPE, stream(seed, "initialization"))
        for seed in (0, 1)
    ]
    again = as_network(make_resnet8, 10).initial_weights(SHAPE, stream(0, "initialization"))
    given = [
        as_network(module, 10).initial_weights(SHAPE, stream(seed, "initialization"))
        for seed in (0, 1)
    ]
    assert not np.array_equal(drawn[0]["fc.weight"], drawn[1]["fc.weight"])
    np.testing.assert_array_equal(drawn[0]["fc.weight"], again["fc.weight"])
    for each in given:
        np.testing.assert_array_equal(each["fc.weight"], module.fc.weight.detach().numpy())


def test_the_global_generator_is_left_as_it_was() -> None:
    before = torch.get_rng_state()
    network = as_network(lambda: make_resnet8(dropout=0.5), 10)
    network.initial_weights(SHAPE, stream(0, "initialization"))
    network.check(SHAPE, 10)
    assert network.draws(SHAPE)
    assert not as_network(make_resnet8, 10).draws(SHAPE)
    assert torch.equal(torch.get_rng_state(), before)


def test_the_number_of_classes_is_given_to_who_asks_for_it() -> None:
    as_network(make_resnet8, 7).check(SHAPE, 7)
    as_network(lambda: make_resnet8(10), 7).check(SHAPE, 10)


class Returning(nn.Module):
    def __init__(self, answer: Callable[[torch.Tensor], Any]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(3))
        self.answer = answer

    def forward(self, images: torch.Tensor) -> Any:
        return self.answer(images)


class Helped(nn.Module):
    """With a second answer in training, as GoogLeNet has one."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 10)

    def forward(self, images: torch.Tensor) -> Any:
        logits = self.fc(images.mean(dim=(2, 3)))
        return (logits, logits) if self.training else logits


def failing() -> nn.Module:
    raise ValueError("no idea\nwhat to do")


def leaving() -> nn.Module:
    sys.exit("usage: train.py")


@pytest.mark.parametrize(
    ("given", "where", "fact"),
    [
        pytest.param(nn.Flatten(), "Flatten", "parameters", id="no parameters"),
        pytest.param(failing, "failing", "ValueError: no idea what to do", id="error"),
        pytest.param(leaving, "leaving", "SystemExit: usage: train.py", id="exit"),
        pytest.param(lambda: 7, "<lambda>", "int", id="number"),
        pytest.param(nn.Linear(3, 3).double(), "Linear", "float64", id="double"),
        pytest.param(nn.LazyLinear(3), "LazyLinear", "weight", id="lazy"),
        pytest.param(nn.Conv2d(3, 10, 3), "Conv2d", "2×10×30×30", id="images"),
        pytest.param(Returning(lambda images: [images]), "Returning", "list", id="list"),
        pytest.param(Helped(), "Helped", "tuple", id="tuple"),
        pytest.param(ResNet8(100, 3), "ResNet8", "100", id="classes"),
    ],
)
def test_what_cannot_be_trained_is_refused_in_one_line(
    given: object, where: str, fact: str, sentence: Sentence
) -> None:
    with pytest.raises(NetworkError) as error:
        as_network(given, 10).check(SHAPE, 10)
    assert error.value.where == where
    assert fact in error.value.what
    sentence(error.value)


def test_an_error_of_pytorch_is_refused_in_one_line() -> None:
    with pytest.raises(NetworkError) as error:
        as_network(nn.Linear(5, 10), 10).check(SHAPE, 10)
    assert error.value.where == "Linear"
    assert "3×32×32" in error.value.what
    assert "RuntimeError" in error.value.what
    assert "\n" not in str(error.value)


def test_a_network_stays_as_it_is_and_a_number_is_none(sentence: Sentence) -> None:
    network = resnet8()
    assert as_network(network, 10) is network
    with pytest.raises(NetworkError) as error:
        as_network(7, 10)
    sentence(error.value)


def test_only_the_module_knows_its_layers() -> None:
    network = as_network(make_resnet8, 10)
    assert network.opaque
    assert not resnet8().opaque
    assert network.layers == ()
    assert list(network.walk(SHAPE)) == []
    assert network.to_dict()["layers"] == []


def test_a_module_has_an_initialization_of_its_own() -> None:
    network = as_network(make_resnet8, 10)
    network.check_initialization("pytorch")
    with pytest.raises(NetworkError) as error:
        network.check_initialization("he-normal")
    assert error.value.where == "make_resnet8"
    for known in ("pytorch", "he-normal"):
        resnet8().check_initialization(known)


def test_without_pytorch_one_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seedbed.networks.user_module.find_spec", lambda _: None)
    with pytest.raises(MissingExtra) as error:
        as_network(math.sqrt, 10)
    assert error.value.extra == "torch"
