"""Networks as modules of PyTorch: names, shapes, and the numbers of modules written by hand."""

import numpy as np
import pytest
import torch

import reference
from odd_blocks import DROPOUTS
from odd_networks import ODD_NETWORKS
from seedbed.core.seeds import stream
from seedbed.engines.torch.modules import NetworkModule
from seedbed.networks.layers import LAYERS, BatchNorm2d, Flatten
from seedbed.networks.network import Network
from seedbed.networks.zoo import ZOO
from short_layers import conv, linear
from user_modules import ResNet8

SHAPES = {"lenet5": (28, 28, 1), "vit": (28, 28, 1), "vit-774k": (28, 28, 1)}


@pytest.mark.parametrize("name", ZOO)
def test_names_and_shapes_are_those_of_the_network(name: str) -> None:
    network, image_shape = ZOO[name](10), SHAPES.get(name, (32, 32, 3))
    module = NetworkModule(network, image_shape)
    parameters = {each: tuple(value.shape) for each, value in module.named_parameters()}
    assert list(parameters.items()) == list(network.parameters(image_shape).items())
    buffers = network.buffers(image_shape)
    assert {each: tuple(value.shape) for each, value in module.state_dict().items()} == (
        parameters | buffers
    )
    stored = module.state_dict()
    found = [each for each, _ in module.named_buffers() if each in stored]
    assert found == list(buffers)


def test_every_layer_is_tried_in_some_network() -> None:
    """Here, or in an engine's tests against the other engine."""
    tried = [each.layer for each in ZOO["resnet8"](10).walk((32, 32, 3))]
    tried += [layer for _, layers in ODD_NETWORKS.values() for layer in layers]
    tried += [layer for layers in DROPOUTS.values() for layer in layers]
    assert {type(layer).__name__ for layer in tried} == set(LAYERS)


def test_building_draws_nothing() -> None:
    before = torch.get_rng_state()
    for name in ZOO:
        NetworkModule(ZOO[name](10), SHAPES.get(name, (32, 32, 3)))
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("training", [True, False])
def test_a_resnet8_is_the_one_that_is_written_by_hand(training: bool) -> None:
    network = ZOO["resnet8"](10, width=4)
    ours = NetworkModule(network, (12, 10, 3)).train(training)
    weights = network.initial_weights((12, 10, 3), stream(0, "initialization"))
    ours.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
    theirs = ResNet8(10, 3, width=4).train(training)
    # In both, weights come in the order of the layers, and so do running statistics.
    with torch.no_grad():
        for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            other.copy_(one)
    images = torch.tensor(
        stream(1, "initialization").normal(size=(6, 3, 12, 10)), dtype=torch.float32
    )
    found, expected = ours(images), theirs(images)
    torch.testing.assert_close(found, expected)
    found.square().sum().backward()
    expected.square().sum().backward()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one.grad, other.grad)
    counts = "num_batches_tracked"
    kept = [value for name, value in theirs.named_buffers() if not name.endswith(counts)]
    for value, other_value in zip(ours.buffers(), kept, strict=True):
        torch.testing.assert_close(value, other_value)


def test_a_batch_of_one_value_a_channel_gives_the_biases() -> None:
    network = Network("one", (conv(4, 3), BatchNorm2d(), Flatten(), linear(2)))
    module = NetworkModule(network, (3, 3, 1))
    weights = network.initial_weights((3, 3, 1), stream(0, "initialization"))
    weights["bn1.bias"] = np.arange(4, dtype=np.float32)
    module.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
    expected = weights["bn1.bias"] @ weights["fc1.weight"].T + weights["fc1.bias"]
    found = module(torch.ones(1, 1, 3, 3))
    np.testing.assert_allclose(found.detach().numpy()[0], expected, rtol=1e-6)
    assert torch.equal(module.get_buffer("bn1.running_var"), torch.ones(4))


@pytest.mark.parametrize("name", [name for name in ODD_NETWORKS if "stride " not in name])
def test_logits_are_those_of_plain_pytorch(name: str) -> None:
    image_shape, layers = ODD_NETWORKS[name]
    network = Network("odd", layers)
    weights = network.initial_weights(image_shape, stream(0, "initialization"))
    height, width, channels = image_shape
    images = (
        stream(1, "initialization").normal(size=(5, channels, height, width)).astype(np.float32)
    )
    module = NetworkModule(network, image_shape)
    module.load_state_dict({each: torch.tensor(array) for each, array in weights.items()})
    with torch.no_grad():
        found = module.eval()(torch.tensor(images)).numpy()
    expected = reference.logits(network, image_shape, weights, images)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
