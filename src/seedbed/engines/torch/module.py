# ruff: noqa: D102 # what forward takes and returns, the class says
"""A network as a module of PyTorch: the same layers, with the same names of weights.

What dropout keeps is drawn by :mod:`seedbed.training.batches` and given to the module beside the
images, so that a module draws nothing itself.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from seedbed.engines.torch.transformer import (
    BlockModule,
    FirstToken,
    LearnedPositions,
    MaskedDropout,
    Masks,
    MeanOfTokens,
    Patches,
    Sinusoids,
    Token,
    blank,
)
from seedbed.networks.layers import (
    Activation,
    AvgPool2d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    Layer,
    Linear,
    MaxPool2d,
    Pad,
    Residual,
    layer_names,
)
from seedbed.networks.network import Network, Placed
from seedbed.networks.transformer import (
    ClassToken,
    LayerNorm,
    PatchEmbedding,
    PositionEncoding,
    TakeClassToken,
    TokenMean,
    TransformerBlock,
)


class Stack(nn.Module):
    """Layers in a row."""

    def __init__(self, prefix: str, layers: Sequence[Layer], places: dict[str, Placed]) -> None:
        super().__init__()
        for name in layer_names(layers):
            self.add_module(name, _module(prefix + name, places))

    def forward(self, values: Tensor, masks: Masks | None = None) -> Tensor:
        return _through(self, values, masks)


class NetworkModule(nn.Module):
    """A network of layers: normalized float32 N×C×H×W images to N×K logits.

    Args:
        network: The layers.
        image_shape: (height, width, channels) of the images.

    Raises:
        NetworkError: If a layer does not fit.
    """

    def __init__(self, network: Network, image_shape: tuple[int, int, int]) -> None:
        super().__init__()
        places = {place.name: place for place in network.walk(image_shape)}
        for name in network.layer_names:
            self.add_module(name, _module(name, places))

    def forward(self, images: Tensor, kept: Tensor | None = None) -> Tensor:
        """Return the logits; ``kept`` holds the batch's masks while training."""
        return _through(self, images, None if kept is None else Masks(kept))


class ResidualModule(nn.Module):
    """``branch`` and ``shortcut`` of the same image, added up."""

    def __init__(self, branch: Stack, shortcut: Stack) -> None:
        super().__init__()
        self.branch = branch
        self.shortcut = shortcut

    def forward(self, values: Tensor, masks: Masks | None = None) -> Tensor:
        branch: Tensor = self.branch(values, masks)
        shortcut: Tensor = self.shortcut(values, masks)
        return branch + shortcut


class BatchNorm(nn.Module):
    """``torch.nn.BatchNorm2d`` without a count of batches, which a momentum of 0.1 does not use.

    A batch of a single value a channel, which PyTorch refuses, gives the biases.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels))
        self.bias = nn.Parameter(torch.empty(channels))
        self.running_mean: Tensor
        self.running_var: Tensor
        self.register_buffer("running_mean", torch.empty(channels))
        self.register_buffer("running_var", torch.empty(channels))

    def forward(self, images: Tensor) -> Tensor:
        if self.training and images.numel() == images.shape[1]:
            return 0 * images + self.bias[:, None, None]
        return functional.batch_norm(
            images,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            training=self.training,
            momentum=0.1,
            eps=1e-5,
        )


class MeanOfPixels(nn.Module):
    """The mean of each channel, as features."""

    def forward(self, images: Tensor) -> Tensor:
        return images.mean(dim=(2, 3))


_MASKED = (MaskedDropout, BlockModule, ResidualModule)


def _through(stack: nn.Module, values: Tensor, masks: Masks | None) -> Tensor:
    for module in stack.children():
        values = module(values, masks) if isinstance(module, _MASKED) else module(values)
    return values


def _module(name: str, places: dict[str, Placed]) -> nn.Module:
    place = places[name]
    layer, before = place.layer, place.before
    match layer:
        case Pad(size=size):
            rows, columns = size - before[1], size - before[2]
            left, top = columns // 2, rows // 2
            return nn.ZeroPad2d((left, columns - left, top, rows - top))
        case Conv2d(channels=channels, kernel_size=kernel):
            return blank(
                nn.Conv2d,
                before[0],
                channels,
                kernel,
                stride=layer.stride,
                padding=layer.padding,
                bias=layer.bias,
            )
        case BatchNorm2d():
            return BatchNorm(before[0])
        case Residual():
            return ResidualModule(
                Stack(f"{name}.branch.", layer.branch, places),
                Stack(f"{name}.shortcut.", layer.shortcut, places),
            )
        case Activation():
            return _activation(layer)
        case Dropout(rate=rate):
            return MaskedDropout(rate, torch.Size(before).numel())
        case MaxPool2d(size=size, stride=stride):
            return nn.MaxPool2d(size, stride)
        case AvgPool2d(size=size, stride=stride):
            return nn.AvgPool2d(size, stride)
        case GlobalAvgPool2d():
            return MeanOfPixels()
        case Flatten():
            return nn.Flatten()
        case Linear(features=features):
            return blank(nn.Linear, before[0], features)
        case PatchEmbedding(width=width, patch=patch):
            return blank(Patches, before[0], width, patch, stride=patch)
        case ClassToken():
            return Token(before[1])
        case PositionEncoding(kind="learned"):
            return LearnedPositions(*before)
        case PositionEncoding():
            return Sinusoids(*before)
        case TransformerBlock():
            tokens, width = before
            return BlockModule(tokens, width, layer)
        case LayerNorm():
            return blank(nn.LayerNorm, before[-1])
        case TokenMean():
            return MeanOfTokens()
        case TakeClassToken():
            return FirstToken()


def _activation(layer: Activation) -> nn.Module:
    match layer.function:
        case "relu":
            return nn.ReLU()
        case "leaky-relu":
            return nn.LeakyReLU(layer.slope)
        case "elu":
            return nn.ELU(layer.alpha)
        case "gelu":
            return nn.GELU()
        case "sigmoid":
            return nn.Sigmoid()
        case "tanh":
            return nn.Tanh()
