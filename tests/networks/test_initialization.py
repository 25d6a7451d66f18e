import math
from collections.abc import Callable
from typing import get_args

import numpy as np
import pytest
import torch

import reference
from seedbed.core.seeds import stream
from seedbed.networks.initialization import Initialization
from seedbed.networks.layers import Flatten
from seedbed.networks.network import Network
from seedbed.networks.zoo import lenet5, resnet8, vit
from short_layers import conv, linear

WIDE = Network("wide", (conv(200, 7), Flatten(), linear(100)))
SHAPE = (9, 9, 3)


def test_the_distribution_is_that_of_pytorch() -> None:
    ours = WIDE.initial_weights(SHAPE, stream(1, "initialization"))
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


@pytest.mark.parametrize(
    ("initialization", "moments_of"),
    [
        ("glorot-uniform", torch.nn.init.xavier_uniform_),
        ("he-normal", lambda w: torch.nn.init.kaiming_normal_(w, nonlinearity="relu")),
        ("lecun-normal", lambda w: torch.nn.init.kaiming_normal_(w, nonlinearity="linear")),
    ],
)
def test_other_distributions_have_the_moments_of_pytorchs_own(
    initialization: Initialization, moments_of: Callable[[torch.Tensor], torch.Tensor]
) -> None:
    """The first four; those of 100 by 1800 and 200 by 147 numbers are known to a few percent."""
    ours = WIDE.initial_weights(SHAPE, stream(1, "initialization"), initialization)
    torch.manual_seed(0)
    for name, array in ours.items():
        if name.endswith(".bias"):
            assert not array.any()
            assert not np.signbit(array).any()
            continue
        theirs = moments_of(torch.empty(array.shape)).numpy()
        count = array.size
        assert array.std() == pytest.approx(float(theirs.std()), rel=5 / np.sqrt(count))
        assert abs(array.mean()) < 4 * array.std() / np.sqrt(count)
        # Of standardized values: 1.8 where they are uniform, 3 where they are normal.
        fourth = ((array / array.std()) ** 4).mean()
        assert fourth == pytest.approx(
            float(((theirs / theirs.std()) ** 4).mean()), abs=14 * np.sqrt(2 / count)
        )


def test_glorot_uniform_fills_its_bounds() -> None:
    ours = WIDE.initial_weights(SHAPE, stream(1, "initialization"), "glorot-uniform")
    # 3 channels become 200 by 7×7 kernels; 200 × 3×3 features become 100.
    for name, fans in (("conv1.weight", (3 + 200) * 49), ("fc1.weight", 1800 + 100)):
        bound = math.sqrt(6 / fans)
        assert bound * (1 - 10 / ours[name].size) < abs(ours[name]).max() <= np.float32(bound)


@pytest.mark.parametrize("initialization", get_args(Initialization))
def test_every_distribution_has_the_names_and_shapes_of_the_network(
    initialization: Initialization,
) -> None:
    network, shape = lenet5(dropout=0.5), (28, 28, 1)
    weights = network.initial_weights(shape, stream(0, "initialization"), initialization)
    assert {name: array.shape for name, array in weights.items()} == network.parameters(shape)
    assert {array.dtype for array in weights.values()} == {np.dtype(np.float32)}
    again = lenet5().initial_weights(shape, stream(0, "initialization"), initialization)
    for name, array in weights.items():  # dropout has no weights, and draws none
        np.testing.assert_array_equal(array, again[name])


def test_pytorch_is_the_default() -> None:
    first = WIDE.initial_weights(SHAPE, stream(1, "initialization"))
    for name, array in WIDE.initial_weights(SHAPE, stream(1, "initialization"), "pytorch").items():
        np.testing.assert_array_equal(array, first[name])


def test_a_seed_gives_the_same_weights_always_and_another_seed_others() -> None:
    first, again, other = (
        lenet5().initial_weights((28, 28, 1), stream(seed, "initialization")) for seed in (3, 3, 4)
    )
    for name, array in first.items():
        np.testing.assert_array_equal(array, again[name])
        assert not np.any(array == other[name])


@pytest.mark.parametrize("initialization", get_args(Initialization))
def test_batch_norm_begins_as_that_of_pytorch(initialization: Initialization) -> None:
    network, shape = resnet8(width=4), (8, 8, 3)
    ours = network.initial_weights(shape, stream(1, "initialization"), initialization)
    theirs = reference.ReferenceNetwork(network, shape).state_dict()
    assert ours.keys() == theirs.keys()
    of_norms = [name for name in ours if ".bn" in name or name.startswith("bn")]
    assert len(of_norms) == 9 * 4
    for name in of_norms:
        np.testing.assert_array_equal(ours[name], theirs[name].numpy())


def test_a_block_begins_as_that_of_pytorch() -> None:
    network, shape = vit(embed_dim=96, depth=1, num_heads=3, mlp_dim=200), (28, 28, 1)
    ours = network.initial_weights(shape, stream(1, "initialization"))
    torch.manual_seed(0)
    theirs = reference.ReferenceNetwork(network, shape).state_dict()
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        if name.startswith(("token", "positions")):
            assert array.std() == pytest.approx(0.02, rel=5 / np.sqrt(array.size))
            assert np.abs(array).max() > 0.04  # normal, not uniform
            continue
        expected = theirs[name].numpy()
        slack = 10 / array.size
        assert np.abs(array).max() == pytest.approx(float(np.abs(expected).max()), rel=slack), name
        assert array.std() == pytest.approx(float(expected.std()), rel=4 / np.sqrt(array.size))


@pytest.mark.parametrize("initialization", get_args(Initialization))
def test_norms_and_tokens_begin_alike_whatever_the_distribution(
    initialization: Initialization,
) -> None:
    weights = vit(depth=1).initial_weights((28, 28, 1), stream(0, "initialization"), initialization)
    for name in ("block1.norm1", "block1.norm2", "norm1"):
        assert np.all(weights[f"{name}.weight"] == 1)
        assert not weights[f"{name}.bias"].any()
    assert not weights["block1.self_attn.in_proj_bias"].any()
    assert 0.01 < weights["positions1.weight"].std() < 0.03
