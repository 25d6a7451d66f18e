import pytest
import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

import reference
from seedbed.networks.cost import Cost, cost
from seedbed.networks.layers import Flatten
from seedbed.networks.network import Network
from seedbed.networks.zoo import lenet5, resnet8, vit
from short_layers import conv, linear


def test_lenet5_costs_what_the_textbook_says() -> None:
    conv = 6 * 28 * 28 * 25 + 16 * 10 * 10 * 150
    linear = 400 * 120 + 120 * 84 + 84 * 10
    assert cost(lenet5(), (28, 28, 1)) == Cost(61_706, conv + linear, 246_824)


def test_strides_make_a_convolution_cheaper() -> None:
    network = Network("strided", (conv(2, 3, stride=2), Flatten(), linear(4)))
    assert cost(network, (7, 7, 5)).multiply_adds == 2 * 3 * 3 * 45 + 18 * 4


def test_a_residual_network_costs_what_pytorch_counts() -> None:
    """Its running statistics are in the file, but are not trained."""
    module = reference.ReferenceNetwork(resnet8(), (32, 32, 3))
    with FlopCounterMode(display=False) as counter:
        module(torch.zeros(2, 3, 32, 32))
    found = cost(resnet8(), (32, 32, 3))
    assert 2 * 2 * found.multiply_adds == counter.get_total_flops()
    assert found.parameters == sum(value.numel() for value in module.parameters())
    state = sum(value.numel() for value in module.state_dict().values())
    assert found.weight_bytes == 4 * state


@pytest.mark.parametrize("pool", ["class", "mean"])
def test_a_vision_transformer_costs_what_pytorch_counts(pool: str) -> None:
    network = vit(5, patch_size=4, embed_dim=24, depth=2, num_heads=3, mlp_dim=17, pool=pool)  # type: ignore[arg-type]
    module = reference.ReferenceNetwork(network, (12, 8, 3))
    module.train()  # PyTorch's fast path for evaluation is not counted, nor is fused attention
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        module(torch.zeros(1, 3, 12, 8))
    assert 2 * cost(network, (12, 8, 3)).multiply_adds == counter.get_total_flops()


def test_the_vision_transformer_of_the_benchmark() -> None:
    linear = 64 * (4 * 64 + 2 * 128)
    block = 17 * linear + 2 * 17**2 * 64
    expected = 16 * 49 * 64 + 6 * block + 64 * 10
    assert cost(vit(), (28, 28, 1)).multiply_adds == expected
