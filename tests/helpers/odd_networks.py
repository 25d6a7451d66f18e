"""Networks of odd shapes: for every way in which a kernel can be called.

Each is an image shape with layers that end in three classes, under a name for the test report.
"""

from itertools import product

from odd_blocks import GROUP_NORMS, RESIDUALS, TRANSFORMERS, Networks
from seedbed.networks.layers import (
    Activation,
    AvgPool2d,
    Flatten,
    Layer,
    LayerNorm,
    MaxPool2d,
    Pad,
)
from seedbed.networks.layers.activation import ActivationFunction
from short_layers import conv, linear

FUNCTIONS: tuple[ActivationFunction, ...] = ("relu", "leaky-relu", "elu", "gelu", "sigmoid", "tanh")
_CHANNELS = ((1, 3), (3, 7), (5, 1), (7, 16), (16, 5))

# Up to the last layer; flattened where they do not do that themselves.
_STACKS: Networks = {
    "linear only": ((5, 7, 1), ()),
    "linear sizes around the lanes": (
        (3, 5, 3),
        (Flatten(), linear(16), linear(17), Activation("tanh"), linear(33), linear(1), linear(31)),
    ),
    "one pixel": ((1, 1, 1), (conv(2, 1),)),
    "one column": ((9, 1, 3), (conv(5, 1), Activation("elu"), conv(3, 1, stride=2))),
    "wider than two vectors of lanes": ((3, 37, 1), (conv(3, 3, padding=1), conv(3, 2))),
    "convolutions in a row": (
        (11, 8, 3),
        (conv(7, 3, padding=2), conv(5, 5), conv(16, 2), conv(3, 1)),
    ),
    "strided convolutions in a row": (
        (17, 12, 1),
        (conv(3, 5, stride=2, padding=3), conv(5, 3, stride=3, padding=1), conv(7, 2)),
    ),
    "many channels": (
        (6, 5, 3),
        (conv(16, 1), conv(16, 3, padding=1), conv(13, 3), Activation("relu")),
    ),
    "tiles of four pixels, two and a part": (
        (7, 9, 3),
        (conv(13, 3, padding=1), conv(25, 3, padding=3), conv(6, 3)),
    ),
    "tiles of four pixels, seven": ((2, 27, 3), (conv(5, 3, padding=1), conv(3, 3, padding=1))),
    "tiles of four pixels, one": ((3, 4, 3), (conv(7, 3, padding=1), conv(12, 3, padding=1))),
    "tiles of four pixels, one row": ((1, 6, 3), (conv(4, 3, padding=1), conv(5, 3, padding=1))),
    "tiles of four pixels, in bands": (
        (37, 8, 3),
        (conv(13, 3, padding=1, bias=False), conv(14, 3, padding=1, bias=False)),
    ),
    "tiles of four pixels, in a band": (
        (5, 10, 3),
        (
            conv(12, 3, padding=1, bias=False),
            conv(17, 3, bias=False),
            conv(13, 3, padding=1, bias=False),
        ),
    ),
    "pad evenly": ((6, 8, 1), (Pad(10), conv(3, 3), Activation("relu"), conv(3, 2))),
    "pad oddly": ((5, 8, 3), (Pad(11), conv(3, 3, stride=2, padding=1), conv(2, 2))),
    "pad nothing": ((7, 7, 1), (Pad(7), conv(3, 3))),
    "activation first": ((6, 5, 3), (Activation("tanh"), conv(3, 3))),
    "activation first, then another": (
        (6, 5, 1),
        (Activation("sigmoid"), Activation("elu"), Flatten(), linear(5), Activation("relu")),
    ),
    "pooling first": ((9, 6, 3), (MaxPool2d(2), AvgPool2d(2, 1), conv(4, 2))),
    "activation, then pooling, first": (
        (8, 8, 1),
        (Activation("tanh"), MaxPool2d(2), conv(2, 3)),
    ),
    "pooling twice": ((12, 13, 1), (conv(5, 2), MaxPool2d(2), MaxPool2d(2), conv(3, 1))),
    "activation, then pooling twice": (
        (12, 13, 1),
        (conv(5, 2), Activation("elu"), MaxPool2d(2), MaxPool2d(2), Activation("sigmoid")),
    ),
    "two activations, then pooling": (
        (9, 9, 1),
        (conv(5, 2), Activation("tanh"), Activation("leaky-relu", 0.3), MaxPool2d(2)),
    ),
    "average pooling, then activation, twice": (
        (11, 9, 1),
        (conv(5, 2), AvgPool2d(2), Activation("tanh"), AvgPool2d(2, 1), Activation("elu")),
    ),
    "activation before the head": ((6, 6, 1), (conv(3, 3), Flatten(), Activation("tanh"))),
    "leaky without a slope": (
        (6, 6, 1),
        (conv(3, 3), Activation("leaky-relu", negative_slope=0.0)),
    ),
    "elu with an alpha": ((6, 6, 1), (conv(3, 3), Activation("elu", alpha=2.5))),
    "padding beyond the kernel": (
        (5, 6, 1),
        (conv(3, 1, padding=3), conv(3, 2, stride=3, padding=3), conv(2, 3)),
    ),
    "normalized features": (
        (5, 3, 1),
        (Flatten(), LayerNorm(), linear(17), Activation("gelu"), LayerNorm(), Activation("relu")),
    ),
    "stride beyond the kernel": ((11, 10, 1), (conv(3, 2), conv(5, 2, stride=3))),
}


def _stacks() -> Networks:
    return {
        name: (image_shape, (*layers, *(() if Flatten() in layers else (Flatten(),)), linear(3)))
        for name, (image_shape, layers) in _STACKS.items()
    }


def _convolutions() -> Networks:
    """Behind another one, because the first layer needs no gradient of its input."""
    networks: Networks = {}
    for number, (kernel, stride, padding) in enumerate(
        product((1, 2, 3, 5, 7), (1, 2, 3), range(4))
    ):
        inputs, outputs = _CHANNELS[number % len(_CHANNELS)]
        layers = (conv(inputs, 1), conv(outputs, kernel, stride, padding), Flatten(), linear(3))
        networks[f"convolution {kernel}, stride {stride}, padding {padding}"] = (9, 12, 1), layers
    return networks


def _poolings() -> Networks:
    networks: Networks = {}
    for size, stride in product((1, 2, 3), (1, 2, 3, 4)):
        for pool in (MaxPool2d(size, stride), AvgPool2d(size, stride)):
            layers = (conv(3, 2), pool, Flatten(), linear(3))
            networks[f"{type(pool).__name__} {size}, stride {stride}"] = (11, 9, 1), layers
    return networks


def _activations() -> Networks:
    networks: Networks = {}
    for first, second in product(FUNCTIONS, (None, *FUNCTIONS)):
        both = [Activation(function) for function in (first, second) if function]
        layers: tuple[Layer, ...] = (conv(3, 3), *both, Flatten(), linear(10), *both, linear(3))
        networks[" and ".join(each.function for each in both)] = (6, 7, 1), layers
    return networks


def _with_a_head(networks: Networks) -> Networks:
    return {name: (shape, (*layers, linear(3))) for name, (shape, layers) in networks.items()}


ODD_NETWORKS = (
    _stacks()
    | _convolutions()
    | _poolings()
    | _activations()
    | _with_a_head(TRANSFORMERS)
    | _with_a_head(RESIDUALS)
    | _with_a_head(GROUP_NORMS)
)
