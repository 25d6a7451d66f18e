"""Networks of odd shapes with transformer blocks, residual layers, group norm, and dropout."""

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
from short_layers import conv, linear

Networks = dict[str, tuple[ImageShape, tuple[Layer, ...]]]
"""Images, and layers. Here: all up to the last one."""

TRANSFORMERS: Networks = {
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

RESIDUALS: Networks = {
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

GROUP_NORMS: Networks = {
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
