"""The oracle: networks written in plain PyTorch, sharing no code with Seedbed's own.

Weights go in and come out as NumPy arrays under the names of ``state_dict``. What is done with a
network has its oracles in :mod:`reference_images` and :mod:`reference_training`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from seedbed.networks.layers import (
    Activation,
    AvgPool2d,
    BatchNorm2d,
    ClassToken,
    Conv2d,
    Dropout,
    Flatten,
    GlobalAvgPool2d,
    GroupNorm,
    Layer,
    LayerNorm,
    Linear,
    MaxPool2d,
    Pad,
    PatchEmbedding,
    PositionEncoding,
    Residual,
    TakeClassToken,
    TokenMean,
    TransformerBlock,
)
from seedbed.networks.network import Network

# More threads would only wait for each other: the networks of the tests are small.
torch.set_num_threads(1)

Floats = NDArray[np.floating]
ImageShape = tuple[int, int, int]


class ReferenceNetwork(nn.Module):
    """The obvious module: one attribute a layer, ``conv1``, ``activation1``, ``pool1``, ...

    Takes normalized N×C×H×W images and returns N×K logits.
    """

    def __init__(self, network: Network, image_shape: ImageShape) -> None:
        super().__init__()
        height, width, channels = image_shape
        layers = _named(network.layers, torch.zeros(1, channels, height, width))
        for name, module in layers.named_children():
            self.add_module(name, module)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        # PyTorch 2.13 crashes in the backward pass of a group norm whose input is in another order
        # and needs no gradient.
        images = images.contiguous()
        for module in self.children():
            images = module(images)
        return images

    def drop(self, masks: NDArray[np.uint8] | None) -> None:
        """Keep only the features of the next batch whose mask is 1, one dropout layer's after
        the other's; ``None`` keeps them all."""
        at = 0
        for module in self.modules():
            if isinstance(module, MaskedDropout):
                module.kept = None if masks is None else torch.tensor(masks[:, at:])
                at += module.features


def _named(layers: Sequence[Layer], example: torch.Tensor) -> nn.Sequential:
    """Return modules for layers in a row, the first of which gets an example."""
    counts: dict[str, int] = {}
    modules = nn.Sequential()
    for layer in layers:
        kind, module = _module(layer, example)
        counts[kind] = counts.get(kind, 0) + 1
        modules.add_module(f"{kind}{counts[kind]}", module)
        # What comes out of the layers so far is asked of the layers themselves.
        with torch.no_grad():
            example = module.eval()(example)
        module.train()
    return modules


class BatchNorm(nn.Module):
    """``nn.BatchNorm2d`` without its count of batches, which a fixed momentum does not need."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.running_mean: torch.Tensor
        self.running_var: torch.Tensor
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return nn.functional.batch_norm(
            images,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            training=self.training,
        )


class ResidualModule(nn.Module):
    """Two ways from a value to a sum."""

    def __init__(self, branch: nn.Sequential, shortcut: nn.Sequential) -> None:
        super().__init__()
        self.branch, self.shortcut = branch, shortcut

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = self.branch(images) + self.shortcut(images)
        return answer


class MaskedDropout(nn.Module):
    """``nn.Dropout`` with masks that are given; with one feature, all values share it.

    Those of tokens are given feature by feature.
    """

    def __init__(self, rate: float, features: int) -> None:
        super().__init__()
        self.rate, self.features = rate, features if rate > 0 else 0
        self.kept: torch.Tensor | None = None

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        if self.kept is None or self.rate == 0:
            return values
        mask = self.kept[:, : self.features]
        if self.features == 1:
            mask = mask[:, :, None]
        elif values.ndim == 3:
            mask = mask.reshape(len(values), values.shape[2], values.shape[1]).transpose(1, 2)
        else:
            mask = mask.reshape(values.shape)
        return values * mask / (1 - self.rate)


class Patches(nn.Conv2d):
    """Tokens of an image's patches, row by row."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return super().forward(images).flatten(2).transpose(1, 2)


class Token(nn.Module):
    """A class token in front of the others."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(width))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return torch.cat([self.weight.expand(len(tokens), 1, -1), tokens], dim=1)


class LearnedPositions(nn.Module):
    """A weight for every feature of every token."""

    def __init__(self, tokens: int, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(tokens, width))

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return tokens + self.weight


class Sinusoids(nn.Module):
    """Sines in even columns, cosines in odd ones."""

    def __init__(self, tokens: int, width: int) -> None:
        super().__init__()
        angles = [
            [t / 10000 ** (2 * (c // 2) / width) + (c % 2) * torch.pi / 2 for c in range(width)]
            for t in range(tokens)
        ]
        self.table: torch.Tensor
        self.register_buffer("table", torch.tensor(angles).sin(), persistent=False)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return tokens + self.table


class Block(nn.TransformerEncoderLayer):
    """PyTorch's own layer; where something is dropped, its submodules with masks between them."""

    def __init__(self, tokens: int, width: int, block: TransformerBlock) -> None:
        super().__init__(
            width,
            block.num_heads,
            block.mlp_dim,
            dropout=0.0,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.drop_attention = MaskedDropout(block.dropout, tokens * width)
        self.drop_first = MaskedDropout(block.drop_path, 1)
        self.drop_hidden = MaskedDropout(block.dropout, tokens * block.mlp_dim)
        self.drop_output = MaskedDropout(block.dropout, tokens * width)
        self.drop_second = MaskedDropout(block.drop_path, 1)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:  # type: ignore[override]
        answer: torch.Tensor
        if self.drop_first.kept is None:
            answer = super().forward(tokens)
            return answer
        normal = self.norm1(tokens)
        mixed, _ = self.self_attn(normal, normal, normal, need_weights=False)
        tokens = tokens + self.drop_first(self.drop_attention(mixed))
        hidden = self.drop_hidden(nn.functional.gelu(self.linear1(self.norm2(tokens))))
        answer = tokens + self.drop_second(self.drop_output(self.linear2(hidden)))
        return answer


class Pick(nn.Module):
    """The features of an image from its tokens."""

    def __init__(self, first: bool) -> None:
        super().__init__()
        self.first = first

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        answer: torch.Tensor = tokens[:, 0] if self.first else tokens.mean(dim=1)
        return answer


def _module(layer: Layer, example: torch.Tensor) -> tuple[str, nn.Module]:
    match layer:
        case Pad(size):
            missing_rows, missing_columns = size - example.shape[2], size - example.shape[3]
            left, top = missing_columns // 2, missing_rows // 2
            sides = (left, missing_columns - left, top, missing_rows - top)
            return "pad", nn.ZeroPad2d(sides)
        case Conv2d(_, channels, kernel_size, stride, padding):
            sizes = (example.shape[1], channels, kernel_size, stride, padding)
            return "conv", nn.Conv2d(*sizes, bias=layer.bias)
        case BatchNorm2d():
            return "bn", BatchNorm(example.shape[1])
        case Residual(branch, shortcut):
            ways = ResidualModule(_named(branch, example), _named(shortcut, example))
            return "residual", ways
        case GlobalAvgPool2d():
            return "pool", nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
        case Activation("relu"):
            return "activation", nn.ReLU()
        case Activation("leaky-relu", slope):
            return "activation", nn.LeakyReLU(slope)
        case Activation("elu", alpha=alpha):
            return "activation", nn.ELU(alpha)
        case Activation("gelu"):
            return "activation", nn.GELU()
        case Activation("sigmoid"):
            return "activation", nn.Sigmoid()
        case Activation("tanh"):
            return "activation", nn.Tanh()
        case Dropout(rate):
            return "dropout", MaskedDropout(rate, example[0].numel())
        case MaxPool2d(size, stride):
            return "pool", nn.MaxPool2d(size, stride)
        case AvgPool2d(size, stride):
            return "pool", nn.AvgPool2d(size, stride)
        case Flatten():
            return "flatten", nn.Flatten()
        case Linear(_, features, bias):
            return "fc", nn.Linear(example.shape[1], features, bias)
        case PatchEmbedding(width, patch):
            return "patches", Patches(example.shape[1], width, patch, stride=patch)
        case ClassToken():
            return "token", Token(example.shape[2])
        case PositionEncoding("learned"):
            return "positions", LearnedPositions(example.shape[1], example.shape[2])
        case PositionEncoding("sinusoidal"):
            return "positions", Sinusoids(example.shape[1], example.shape[2])
        case TransformerBlock():
            return "block", Block(example.shape[1], example.shape[2], layer)
        case GroupNorm(groups):
            return "gn", nn.GroupNorm(groups, example.shape[1])
        case LayerNorm():
            return "norm", nn.LayerNorm(example.shape[-1])
        case TokenMean():
            return "mean", Pick(first=False)
        case TakeClassToken():
            return "take", Pick(first=True)
    raise NotImplementedError(layer)


def module(
    network: Network,
    image_shape: ImageShape,
    weights: Mapping[str, Floats],
    dtype: torch.dtype = torch.float32,
) -> ReferenceNetwork:
    """Build the module of ``network`` with these weights."""
    built = ReferenceNetwork(network, image_shape)
    built.load_state_dict({name: torch.tensor(array) for name, array in weights.items()})
    return built.to(dtype)


def logits(
    network: Network, image_shape: ImageShape, weights: Mapping[str, Floats], images: Floats
) -> Floats:
    """Return the N×K logits of normalized N×C×H×W images."""
    with torch.no_grad():
        answer: Floats = module(network, image_shape, weights).eval()(torch.tensor(images)).numpy()
    return answer


def normalize(
    images: NDArray[np.uint8], mean: Sequence[float], std: Sequence[float]
) -> NDArray[np.float32]:
    """Turn N×H×W×C pixels into the N×C×H×W input of a network."""
    normal: NDArray[np.float64] = (images / 255 - np.array(mean)) / np.array(std)
    return normal.transpose(0, 3, 1, 2).astype(np.float32)
