"""Networks of odd shapes: for every way in which a kernel can be called.

Each is an image shape with layers that end in three classes, under a name for the test report.
"""

from itertools import product

from kernels import ImageShape
from seedbed.networks.layers import (
    Activation,
    AvgPool2d,
    BatchNorm2d,
    ClassToken,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    GroupNorm,
    Layer,
    LayerNorm,
    MaxPool2d,
    Pad,
    PatchEmbedding,
    PositionEncoding,
    Residual,
    TakeClassToken,
    TokenMean,
    TransformerBlock,
)
from seedbed.networks.layers.activation import ActivationFunction
from short_layers import conv, linear

FUNCTIONS: tuple[ActivationFunction, ...] = ("relu", "leaky-relu", "elu", "gelu", "sigmoid", "tanh")
Networks = dict[str, tuple[ImageShape, tuple[Layer, ...]]]
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


# Images, and all layers up to the last one.
_TRANSFORMERS: Networks = {
    "one token": ((3, 3, 1), (PatchEmbedding(4, 3), TransformerBlock(1, 5), TokenMean())),
    "five tokens, two heads": (
        (4, 4, 3),
        (
            PatchEmbedding(6, 2),
            ClassToken(),
            PositionEncoding(),
            TransformerBlock(2, 7),
            LayerNorm(),
            TakeClassToken(),
        ),
    ),
    "seventeen tokens, three heads, two blocks": (
        (8, 8, 1),
        (
            PatchEmbedding(21, 2),
            ClassToken(),
            PositionEncoding("sinusoidal"),
            TransformerBlock(3, 17),
            TransformerBlock(1, 33),
            TakeClassToken(),
            LayerNorm(),
        ),
    ),
    "one number a head": (
        (2, 6, 1),
        (PatchEmbedding(3, 2), PositionEncoding(), TransformerBlock(3, 1), TokenMean()),
    ),
    "a block alone": ((5, 7, 3), (PatchEmbedding(35, 1), TransformerBlock(5, 3), TokenMean())),
    "patches of a padded image": (
        (5, 4, 1),
        (Pad(6), PatchEmbedding(16, 3), TransformerBlock(4, 16), LayerNorm(), TokenMean()),
    ),
    "patches of a convolution": (
        (7, 7, 1),
        (
            conv(5, 2),
            Activation("gelu"),
            MaxPool2d(2),
            PatchEmbedding(7, 1),
            TransformerBlock(7, 24),
            Activation("tanh"),
            TokenMean(),
            Activation("gelu"),
            linear(5),
        ),
    ),
    "class token without a block": (
        (4, 2, 1),
        (PatchEmbedding(3, 2), ClassToken(), LayerNorm(), Activation("relu"), TakeClassToken()),
    ),
    "sinusoidal positions of an odd width": (
        (4, 6, 1),
        (PatchEmbedding(5, 2), PositionEncoding("sinusoidal"), LayerNorm(), TokenMean()),
    ),
    "two class tokens, positions twice": (
        (2, 4, 1),
        (
            PatchEmbedding(9, 2),
            PositionEncoding(),
            ClassToken(),
            ClassToken(),
            PositionEncoding(),
            TransformerBlock(3, 8),
            TakeClassToken(),
        ),
    ),
}


_RELU = Activation("relu")

# As above.
_RESIDUALS: Networks = {
    "batch norm of the image": ((5, 4, 3), (BatchNorm2d(), Flatten())),
    "batch norm of one pixel": ((3, 3, 1), (conv(5, 3), BatchNorm2d(), GlobalAvgPool2d())),
    # Not directly: what the first one does, the second one would undo.
    "batch norm twice": (
        (6, 7, 1),
        (
            conv(3, 2, bias=False),
            BatchNorm2d(),
            Activation("tanh"),
            BatchNorm2d(),
            Activation("sigmoid"),
            Flatten(),
        ),
    ),
    "batch norm between convolutions": (
        (9, 8, 3),
        (
            conv(5, 3, padding=1),
            BatchNorm2d(),
            Activation("elu"),
            conv(7, 3, stride=2),
            _RELU,
            BatchNorm2d(),
            MaxPool2d(2, 1),
            Flatten(),
            linear(9),
            Activation("gelu"),
        ),
    ),
    "batch norm before patches": (
        (6, 6, 1),
        (
            conv(6, 3, padding=1, bias=False),
            BatchNorm2d(),
            _RELU,
            PatchEmbedding(6, 2),
            ClassToken(),
            TransformerBlock(2, 7),
            TransformerBlock(3, 5),
            TakeClassToken(),
        ),
    ),
    "global pooling of the image": ((3, 5, 3), (GlobalAvgPool2d(),)),
    "global pooling of a convolution": ((5, 7, 1), (conv(17, 2), _RELU, GlobalAvgPool2d())),
    "a residual layer first": (
        (5, 6, 3),
        (Residual((conv(3, 3, padding=1),)), _RELU, GlobalAvgPool2d()),
    ),
    "a residual layer last": (
        (7, 6, 1),
        (conv(5, 3), Residual((_RELU, conv(5, 3, padding=1))), Flatten()),
    ),
    "residual layers in a row": (
        (7, 6, 1),
        (
            conv(5, 3),
            Residual((conv(3, 1), Activation("gelu"), conv(5, 1))),
            Residual((conv(5, 3, padding=1), _RELU)),
            Residual((Activation("tanh"), conv(5, 5, padding=2), MaxPool2d(1))),
            GlobalAvgPool2d(),
        ),
    ),
    "shortcuts of every kind": (
        (11, 9, 3),
        (
            conv(4, 3, padding=1),
            Residual((conv(6, 3, padding=1),), (conv(6, 1),)),
            Activation("elu"),
            Residual((conv(6, 3, stride=2, padding=1), _RELU), (MaxPool2d(1, 2), _RELU)),
            Residual((conv(6, 2),), (AvgPool2d(2, 1),)),
            Residual((conv(6, 1), MaxPool2d(1)), (conv(6, 5, padding=2), conv(6, 1, bias=False))),
            Flatten(),
        ),
    ),
    "residual layers with batch norm": (
        (9, 8, 3),
        (
            conv(6, 3, padding=1, bias=False),
            BatchNorm2d(),
            _RELU,
            Residual(
                (
                    conv(6, 3, padding=1, bias=False),
                    BatchNorm2d(),
                    _RELU,
                    conv(6, 3, padding=1, bias=False),
                    BatchNorm2d(),
                )
            ),
            _RELU,
            Residual(
                (
                    conv(9, 3, stride=2, padding=1, bias=False),
                    BatchNorm2d(),
                    _RELU,
                    conv(9, 3, padding=1, bias=False),
                    BatchNorm2d(),
                ),
                (conv(9, 1, stride=2, bias=False), BatchNorm2d()),
            ),
            _RELU,
            GlobalAvgPool2d(),
        ),
    ),
    "residual layers that normalize first": (
        (8, 8, 1),
        (
            conv(5, 3, padding=1),
            Residual((BatchNorm2d(), _RELU, conv(5, 3, padding=1))),
            Residual((BatchNorm2d(), _RELU, conv(8, 2, stride=2)), (AvgPool2d(2), conv(8, 1))),
            Residual((conv(8, 1), BatchNorm2d(), Activation("tanh")), (BatchNorm2d(),)),
            Residual((BatchNorm2d(), _RELU)),
            BatchNorm2d(),
            _RELU,
            Flatten(),
        ),
    ),
}

# As above.
_GROUP_NORMS: Networks = {
    "group norm of the image": ((5, 4, 3), (GroupNorm(3), Flatten())),
    "group norm of one pixel": ((3, 3, 1), (conv(6, 3), GroupNorm(2), GlobalAvgPool2d())),
    "one group": ((4, 7, 1), (conv(5, 2), GroupNorm(1), _RELU, Flatten())),
    "a group for every channel": (
        (9, 9, 1),
        (conv(7, 2), GroupNorm(7), Activation("tanh"), MaxPool2d(2), Flatten()),
    ),
    "group norm between convolutions": (
        (9, 8, 3),
        (
            conv(6, 3, padding=1, bias=False),
            GroupNorm(2),
            Activation("elu"),
            conv(8, 3, stride=2, padding=2),
            GroupNorm(4),
            _RELU,
            conv(5, 2),
            Flatten(),
        ),
    ),
    "residual layers with group norm": (
        (8, 8, 1),
        (
            conv(6, 3, padding=1),
            Residual((GroupNorm(3), _RELU, conv(6, 3, padding=1, bias=False), GroupNorm(2))),
            Residual(
                (GroupNorm(2), _RELU, conv(8, 2, stride=2)),
                (conv(8, 2, stride=2, bias=False), GroupNorm(4)),
            ),
            Residual((GroupNorm(8), _RELU)),
            GroupNorm(1),
            Activation("gelu"),
            BatchNorm2d(),
            Flatten(),
        ),
    ),
    "group norm before patches": (
        (6, 6, 1),
        (conv(4, 3, padding=1), GroupNorm(2), PatchEmbedding(6, 2), TokenMean()),
    ),
}


def _with_a_head(networks: Networks) -> Networks:
    return {name: (shape, (*layers, linear(3))) for name, (shape, layers) in networks.items()}


ODD_NETWORKS = (
    _stacks()
    | _convolutions()
    | _poolings()
    | _activations()
    | _with_a_head(_TRANSFORMERS)
    | _with_a_head(_RESIDUALS)
    | _with_a_head(_GROUP_NORMS)
)

DROPOUTS: dict[str, tuple[Layer, ...]] = {
    "before a linear layer": (Flatten(), Dropout(0.3), linear(3)),
    "between linear layers": (
        Flatten(),
        linear(19),
        Activation("tanh"),
        Dropout(0.5),
        linear(17),
        Dropout(0.1),
        Activation("elu"),
        linear(3),
    ),
    "first, and between convolutions": (
        Dropout(0.2),
        conv(5, 3, padding=1),
        Activation("elu"),
        Dropout(0.7),
        conv(3, 3, stride=2, padding=1),
        Dropout(0.5),
        MaxPool2d(2, 1),
        Dropout(0.4),
        Flatten(),
        linear(3),
    ),
    "in a transformer": (
        PatchEmbedding(12, 5),
        ClassToken(),
        PositionEncoding(),
        Dropout(0.1),
        TransformerBlock(3, 7, dropout=0.3),
        TransformerBlock(2, 5, drop_path=0.4),
        TransformerBlock(1, 9, dropout=0.2, drop_path=0.5),
        LayerNorm(),
        TakeClassToken(),
        Dropout(0.5),
        linear(3),
    ),
    "stochastic depth before a class token": (
        PatchEmbedding(18, 5),
        ClassToken(),
        TransformerBlock(3, 7, drop_path=0.3),
        TransformerBlock(2, 5, drop_path=0.4),
        TakeClassToken(),
        LayerNorm(),
        linear(3),
    ),
    "in a residual layer": (
        conv(4, 3),
        Residual(
            (BatchNorm2d(), Dropout(0.4), conv(4, 1), Dropout(0.3)),
            (Dropout(0.2), conv(4, 1), BatchNorm2d(), Dropout(0.5)),
        ),
        Dropout(0.2),
        GlobalAvgPool2d(),
        linear(3),
    ),
    "twice": (conv(3, 2), Dropout(0.5), Dropout(0.5), AvgPool2d(2), Flatten(), linear(3)),
}
"""For images of 10×10×3."""
