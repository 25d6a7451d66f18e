"""Weights that are not a network's are refused by name."""

from typing import Any

import numpy as np
import pytest

from seedbed.core.errors import NetworkError
from seedbed.core.seeds import stream
from seedbed.networks.layers import Flatten
from seedbed.networks.network import Network
from seedbed.networks.weights import check_weights
from seedbed.networks.zoo import lenet5, resnet8, vit
from sentences import Sentence
from short_layers import linear


@pytest.mark.parametrize("network", [lenet5(), resnet8(), vit()])
def test_weights_of_the_network_pass(network: Network) -> None:
    weights = network.initial_weights((28, 28, 1), stream(0, "initialization"))
    buffers = network.buffers((28, 28, 1))
    every = weights | {name: np.zeros(shape, np.float32) for name, shape in buffers.items()}
    check_weights(network, (28, 28, 1), every)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({"fc1.bias": None}, "", id="missing"),
        pytest.param({"fc2.bias": np.zeros(3)}, "", id="unexpected"),
        pytest.param({"fc1.weight": np.zeros((4, 9))}, "4×6", id="shape"),
    ],
)
def test_others_are_refused_by_name(
    changes: dict[str, Any], expected: str, sentence: Sentence
) -> None:
    network = Network("small", (Flatten(), linear(4)))
    weights = {**network.initial_weights((2, 3, 1), stream(0, "initialization")), **changes}
    given = {name: each for name, each in weights.items() if each is not None}
    with pytest.raises(NetworkError) as error:
        check_weights(network, (2, 3, 1), given)
    assert repr(next(iter(changes))) in error.value.what
    assert error.value.expected == expected
    sentence(error.value)
