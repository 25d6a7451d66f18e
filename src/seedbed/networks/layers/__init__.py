"""The layers of networks, one file per layer; :mod:`seedbed.networks.layers.base` is the contract.

What ``__all__`` lists is exported by :mod:`seedbed` too.
"""

from collections.abc import Mapping
from typing import Final

from seedbed.networks.layers.activation import Activation
from seedbed.networks.layers.base import Layer as Layer
from seedbed.networks.layers.conv2d import Conv2d
from seedbed.networks.layers.dropout import Dropout
from seedbed.networks.layers.flatten import Flatten
from seedbed.networks.layers.linear import Linear
from seedbed.networks.layers.normalization.batch_norm import BatchNorm2d
from seedbed.networks.layers.normalization.group_norm import GroupNorm
from seedbed.networks.layers.normalization.layer_norm import LayerNorm
from seedbed.networks.layers.pad import Pad
from seedbed.networks.layers.pooling.avg_pool import AvgPool2d
from seedbed.networks.layers.pooling.global_avg_pool import GlobalAvgPool2d
from seedbed.networks.layers.pooling.max_pool import MaxPool2d
from seedbed.networks.layers.residual import Residual
from seedbed.networks.layers.transformer.class_token import ClassToken, TakeClassToken
from seedbed.networks.layers.transformer.patch_embedding import PatchEmbedding
from seedbed.networks.layers.transformer.position_encoding import PositionEncoding
from seedbed.networks.layers.transformer.token_mean import TokenMean
from seedbed.networks.layers.transformer.transformer_block import TransformerBlock

__all__ = [
    "Activation",
    "AvgPool2d",
    "BatchNorm2d",
    "ClassToken",
    "Conv2d",
    "Dropout",
    "Flatten",
    "GlobalAvgPool2d",
    "GroupNorm",
    "LayerNorm",
    "Linear",
    "MaxPool2d",
    "Pad",
    "PatchEmbedding",
    "PositionEncoding",
    "Residual",
    "TakeClassToken",
    "TokenMean",
    "TransformerBlock",
]

LAYERS: Final[Mapping[str, type[Layer]]] = {
    kind.__name__: kind
    for kind in (
        Pad,
        Conv2d,
        BatchNorm2d,
        GroupNorm,
        LayerNorm,
        Activation,
        Dropout,
        MaxPool2d,
        AvgPool2d,
        GlobalAvgPool2d,
        Residual,
        Flatten,
        Linear,
        PatchEmbedding,
        ClassToken,
        PositionEncoding,
        TransformerBlock,
        TokenMean,
        TakeClassToken,
    )
}
"""Class name -> layer."""
