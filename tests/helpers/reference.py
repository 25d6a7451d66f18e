"""The oracle: networks and training written in plain PyTorch, sharing no code with Seedbed's own.

It takes a network and a recipe, and does with PyTorch's own layers, losses and optimizers what an
engine must do. Weights go in and come out as NumPy arrays under the names of ``state_dict``.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates
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
from seedbed.training.recipe import Recipe

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


def warp(images: Floats, warps: NDArray[np.float32]) -> Floats:
    """Augment N×C×H×W images, each by its row (a, b, c, d, e, f) of ``warps``.

    ``torch.nn.functional.grid_sample`` does the work; it measures places from -1 to 1.
    """
    height, width = images.shape[2:]
    y, x = np.mgrid[:height, :width].astype(np.float64)
    a, b, c, d, e, f = warps.astype(np.float64).T[:, :, None, None]
    # An image of one row or column has only one place: any number will do.
    grid_x = (a * x + b * y + c) * 2 / max(width - 1, 1) - 1
    grid_y = (d * x + e * y + f) * 2 / max(height - 1, 1) - 1
    answer: Floats = nn.functional.grid_sample(
        torch.tensor(images, dtype=torch.float64),
        torch.tensor(np.stack([grid_x, grid_y], axis=-1)),
        mode="bilinear",
        padding_mode="border",
        align_corners=True,
    ).numpy()
    return answer.astype(images.dtype)


def displacements(fields: NDArray[np.uint8], alpha: float, sigma: float) -> Floats:
    """Return N×2×H×W displacements to the right and down, made of random bytes by SciPy."""
    numbers = (2 * fields.astype(np.float64) + 1) / 256 - 1
    smoothed = [[gaussian_filter(one, sigma, mode="constant") for one in two] for two in numbers]
    return alpha * np.array(smoothed)


def distorted(images: Floats, warps: NDArray[np.float32], moved: Floats) -> Floats:
    """As :func:`warp`, of pixels that are displaced before. SciPy does the work."""
    y, x = np.mgrid[: images.shape[2], : images.shape[3]].astype(np.float64)
    answer = np.empty_like(images)
    for image, (a, b, c, d, e, f), (right, down), to in zip(
        images, warps.astype(np.float64), moved, answer, strict=True
    ):
        places = [d * (x + right) + e * (y + down) + f, a * (x + right) + b * (y + down) + c]
        for channel, out in zip(image, to, strict=True):
            map_coordinates(channel, places, output=out, order=1, mode="nearest")
    return answer


def robust_loss(name: str, logits: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """Return the documented formula of each image's loss, with the default parameters."""
    log_p, a = logits.log_softmax(dim=1), -math.log(1e-4)
    p = log_p.exp()
    reverse = a * (1 - (t * p).sum(dim=1))
    match name:
        case "symmetric-cross-entropy":
            return reverse - 0.1 * (t * log_p).sum(dim=1)
        case "soft-bootstrapping":
            return -((0.95 * t + 0.05 * p) * log_p).sum(dim=1)
        case "hard-bootstrapping":
            best = nn.functional.one_hot(logits.argmax(dim=1), logits.shape[1]).to(p.dtype)
            return -((0.8 * t + 0.2 * best) * log_p).sum(dim=1)
    active = torch.zeros(())  # 0 / 0 with a single class
    if log_p.shape[1] > 1:
        active = (t * log_p).sum(dim=1) / log_p.sum(dim=1)
    match name:
        case "active-passive":
            return active + reverse
        case "active-negative":
            n = (log_p - math.log(1e-7)).clamp(min=0)
            return active + 1 - (t * n).sum(dim=1) / n.sum(dim=1)
        case "joint-asymmetric":
            return active + ((p - 30 * t) ** 2).mean(dim=1)
    raise NotImplementedError(name)


def loss(recipe: Recipe, outputs: torch.Tensor, labels: NDArray[np.int64]) -> torch.Tensor:
    """Return the mean loss of N×K logits."""
    targets, smoothing = torch.tensor(labels), recipe.label_smoothing
    if recipe.loss.name == "cross-entropy":
        return nn.functional.cross_entropy(outputs, targets, label_smoothing=smoothing)
    classes = outputs.shape[1]
    one_hot = nn.functional.one_hot(targets, classes).to(outputs.dtype)
    wanted = one_hot * (1 - smoothing) + smoothing / classes
    match recipe.loss.name:
        case "brier":
            each = (outputs.softmax(dim=1) - wanted) ** 2
        case "mae":
            each = (outputs.softmax(dim=1) - wanted).abs()
        case "generalized-cross-entropy":
            q = recipe.loss.parameters["q"]
            each = wanted * (1 - (q * outputs.log_softmax(dim=1)).exp()) / q
        case "binary-cross-entropy":
            each = nn.functional.binary_cross_entropy_with_logits(outputs, wanted, reduction="none")
        case name:
            return robust_loss(name, outputs, wanted).mean()
    return each.sum(dim=1).mean()


@dataclass(frozen=True)
class Training:
    """What training left behind."""

    weights: dict[str, Floats]
    average: dict[str, Floats]
    """The exponential moving average of the weights after the last step."""
    losses: list[float]
    """The mean loss of each batch, before its step, label smoothing included."""
    correct: list[int]
    """Of each batch, before its step."""


def train_steps(
    network: Network,
    image_shape: ImageShape,
    recipe: Recipe,
    weights: Mapping[str, Floats],
    batches: Iterable[tuple[Floats, NDArray[np.int64]]],
    learning_rates: Iterable[float],
    average_decays: Iterable[float] | None = None,
    masks: Iterable[NDArray[np.uint8]] | None = None,
    dtype: torch.dtype = torch.float32,
) -> Training:
    """Train from ``weights``, one step a batch.

    Args:
        network: The layers.
        image_shape: (height, width, channels).
        recipe: Whose optimizer, penalties, loss and label smoothing are used; nothing else of it.
        weights: To start from.
        batches: Normalized (and augmented) N×C×H×W images with their labels.
        learning_rates: One for each step, at least as many as there are batches.
        average_decays: The same for the moving average; ``None`` keeps the last weights.
        masks: Of each batch, for :meth:`ReferenceNetwork.drop`.
        dtype: What is computed in; ``torch.float64`` gives the truth to measure rounding against.
    """
    model = module(network, image_shape, weights, dtype)
    model.train()
    optimizer = _optimizer(recipe, model)
    average = {name: value.detach().clone() for name, value in model.state_dict().items()}
    decays = iter(average_decays) if average_decays is not None else None
    kept = iter(masks) if masks is not None else None
    losses, correct = [], []
    for (images, labels), learning_rate in zip(batches, learning_rates, strict=False):
        for group in optimizer.param_groups:
            group["lr"] = float(learning_rate)
        optimizer.zero_grad()
        model.drop(next(kept) if kept is not None else None)
        outputs = model(torch.tensor(images, dtype=dtype))
        batch_loss = loss(recipe, outputs, labels)
        weights_of = list(model.parameters())
        penalty = recipe.l1_penalty * sum(weight.abs().sum() for weight in weights_of)
        penalty += recipe.l2_penalty / 2 * sum((weight**2).sum() for weight in weights_of)
        (batch_loss + penalty).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(batch_loss.item())
        correct.append(int((outputs.argmax(dim=1).numpy() == labels).sum()))
        decay = next(decays) if decays is not None else 0.0
        for name, value in model.state_dict().items():
            average[name].mul_(float(decay)).add_(value, alpha=1 - float(decay))
    return Training(_arrays(model.state_dict()), _arrays(average), losses, correct)


def _optimizer(recipe: Recipe, model: nn.Module) -> torch.optim.Optimizer:
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(
            model.parameters(),
            lr=recipe.learning_rate,
            momentum=recipe.momentum,
            nesterov=recipe.nesterov,
            weight_decay=recipe.weight_decay,
        )
    kinds: dict[str, type[torch.optim.Adam]] = {
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
    }
    return kinds[recipe.optimizer](
        model.parameters(),
        lr=recipe.learning_rate,
        betas=recipe.betas,
        eps=recipe.eps,
        weight_decay=recipe.weight_decay,
    )


def _arrays(state: Mapping[str, torch.Tensor]) -> dict[str, Floats]:
    return {name: value.detach().numpy().copy() for name, value in state.items()}
