import numpy as np
import pytest
import torch

import reference
from seedbed.networks.initial import initial_weights
from seedbed.networks.layers import Conv2d, Flatten, Linear, Network
from seedbed.networks.zoo import lenet5
from seedbed.streams import stream

WIDE = Network("wide", (Conv2d(200, 7), Flatten(), Linear(100)))
SHAPE = (9, 9, 3)


def test_names_shapes_and_types_are_those_of_the_network() -> None:
    weights = initial_weights(lenet5(), (28, 28, 1), stream(0, "init"))
    assert {name: array.shape for name, array in weights.items()} == lenet5().parameters(
        (28, 28, 1)
    )
    assert {array.dtype for array in weights.values()} == {np.dtype(np.float32)}


def test_the_distribution_is_that_of_pytorch() -> None:
    ours = initial_weights(WIDE, SHAPE, stream(1, "init"))
    torch.manual_seed(0)
    theirs = reference.ReferenceNetwork(WIDE, SHAPE).state_dict()
    for name, array in ours.items():
        # The largest of n uniform values is within a factor 1 - 10/n of the bound, nearly always.
        slack = 10 / array.size
        assert np.abs(array).max() == pytest.approx(float(theirs[name].abs().max()), rel=slack)
        assert array.std() == pytest.approx(
            float(theirs[name].numpy().std()), rel=4 / np.sqrt(array.size)
        )
        assert abs(array.mean()) < 4 * array.std() / np.sqrt(array.size)


def test_a_seed_gives_the_same_weights_always_and_another_seed_others() -> None:
    first, again, other = (
        initial_weights(lenet5(), (28, 28, 1), stream(seed, "init")) for seed in (3, 3, 4)
    )
    for name, array in first.items():
        np.testing.assert_array_equal(array, again[name])
        assert not np.any(array == other[name])
