from seedbed.networks.cost import Cost, cost
from seedbed.networks.layers import Conv2d, Flatten, Linear, Network
from seedbed.networks.zoo import lenet5


def test_lenet5_costs_what_the_textbook_says() -> None:
    conv = 6 * 28 * 28 * 25 + 16 * 10 * 10 * 150
    linear = 400 * 120 + 120 * 84 + 84 * 10
    assert cost(lenet5(), (28, 28, 1)) == Cost(61_706, conv + linear, 246_824)


def test_strides_make_a_convolution_cheaper() -> None:
    network = Network("strided", (Conv2d(2, 3, stride=2), Flatten(), Linear(4)))
    assert cost(network, (7, 7, 5)).multiply_adds == 2 * 3 * 3 * 45 + 18 * 4
