import math

import pytest

from seedbed.errors import NetworkError
from seedbed.networks.layers import Activation, ActivationFunction, Dropout, Linear
from seedbed.networks.zoo import ZOO, lenet5


@pytest.mark.parametrize(("channels", "parameters"), [(1, 61_706), (3, 62_006)])
@pytest.mark.parametrize("size", [8, 28, 32])
def test_lenet5_has_its_well_known_number_of_parameters(
    channels: int, parameters: int, size: int
) -> None:
    shapes = lenet5().parameters((size, size, channels)).values()
    assert sum(math.prod(shape) for shape in shapes) == parameters


def test_lenet5_has_the_shapes_of_the_paper() -> None:
    shapes = lenet5().shapes((32, 32, 1))
    flat = [(400,), (120,), (120,), (84,), (84,), (10,)]
    assert shapes[1:7:3] == ((6, 28, 28), (16, 10, 10))
    assert shapes[3:7:3] == ((6, 14, 14), (16, 5, 5))
    assert list(shapes[7:]) == flat


@pytest.mark.parametrize("function", ["relu", "leaky-relu", "elu", "sigmoid", "tanh"])
def test_lenet5_takes_every_activation(function: ActivationFunction) -> None:
    used = [each for each in lenet5(activation=function).layers if isinstance(each, Activation)]
    assert used == [Activation(function)] * 4


def test_lenet5_drops_out_after_each_hidden_linear_layer() -> None:
    network = lenet5(dropout=0.3)
    kinds = [layer for layer in network.layers if isinstance(layer, Linear | Activation | Dropout)]
    relu, drop = Activation("relu"), Dropout(0.3)
    assert kinds[2:] == [Linear(120), relu, drop, Linear(84), relu, drop, Linear(10)]
    others = tuple(layer for layer in network.layers if not isinstance(layer, Dropout))
    assert others == lenet5().layers == lenet5(dropout=0).layers
    assert network.parameters((28, 28, 1)) == lenet5().parameters((28, 28, 1))


def test_lenet5_refuses_images_that_are_too_large() -> None:
    with pytest.raises(NetworkError, match=r"lenet5: pad1 does not fit: .* image 3×33×33"):
        lenet5().shapes((33, 33, 3))


def test_the_zoo_builds_by_name_and_classes() -> None:
    assert ZOO["lenet5"](26) == lenet5(26)
    for name, build in ZOO.items():
        assert build(10).name == name
