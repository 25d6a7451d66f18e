"""A network in the terms of the native kernels.

Weights and optimizer state are flat float32 arrays that belong to a run, in the order of
:meth:`Network.parameters`; a trainer is used by one thread at a time and keeps nothing of them.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from threading import Event
from types import ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.data.images import Normalisation
from seedbed.networks.cost import cost
from seedbed.networks.layers import (
    Activation,
    AvgPool2d,
    Conv2d,
    Dropout,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
    Network,
    Pad,
    Shape,
)
from seedbed.networks.transformer import (
    ClassToken,
    LayerNorm,
    PatchEmbedding,
    PositionEncoding,
    TakeClassToken,
    TokenMean,
    TransformerBlock,
    sinusoidal,
)
from seedbed.training.engine import RunTask
from seedbed.training.recipe import Loss, Recipe

# Several groups of lanes are evaluated at once, for the sake of the linear layers, but no more than
# take a fraction of a second, so that Ctrl-C is noticed.
_GROUPS_AT_ONCE: Final = 4
_IMAGES_A_CALL: Final = 2048
_MULTIPLY_ADDS_A_CALL: Final = 2e9

_CRITERIA: Final[Mapping[Loss, str]] = {
    "cross-entropy": "cross_entropy",
    "mse": "mean_squared_error",
    "l1": "mean_absolute_error",
    "binary-cross-entropy": "binary_cross_entropy",
}


@dataclass(frozen=True)
class TrainerKey:
    """Everything that a trainer depends on."""

    network: Network
    image_shape: tuple[int, int, int]
    normalisation: Normalisation
    batch_size: int

    @classmethod
    def of(cls, task: RunTask) -> "TrainerKey":
        """Return that of a run; runs with the same one can share a trainer."""
        data = task.dataset
        normalisation = data.train.normalisation()
        batch_size = min(task.recipe.batch_size, len(data.train))
        return cls(task.network, data.image_shape, normalisation, batch_size)


class Trainer:
    """A network that is ready to train and to be evaluated, on one core.

    Args:
        module: The kernels for one set of instructions.
        key: What is trained.
    """

    def __init__(self, module: ModuleType, key: TrainerKey) -> None:
        self.key = key
        self._module = module
        mean, std = np.array(key.normalisation.mean), np.array(key.normalisation.std)
        # Where half of the lanes or more would stay empty, use fewer.
        fitting = [lanes for lanes in module.TRAINERS if key.batch_size > lanes // 2]
        lanes = max(fitting, default=min(module.TRAINERS))
        self.native = module.TRAINERS[lanes](
            list(key.image_shape), (1 / (255 * std)).tolist(), (-mean / std).tolist()
        )
        _build(self.native, key.network, key.image_shape)
        self.native.finish(max(key.batch_size, _GROUPS_AT_ONCE * lanes))
        each = cost(key.network, key.image_shape).multiply_adds
        self._images_a_call = min(_IMAGES_A_CALL, math.ceil(_MULTIPLY_ADDS_A_CALL / each))
        self._classes = key.network.shapes(key.image_shape)[-1][0]

    def optimizer(self, recipe: Recipe) -> Any:
        """Return a recipe's optimizer as the kernels know it."""
        optimizer = self._module.Optimizer()
        optimizer.rule = getattr(self._module.Rule, recipe.optimizer)
        optimizer.momentum = recipe.momentum
        optimizer.nesterov = recipe.nesterov
        optimizer.weight_decay = recipe.weight_decay
        optimizer.beta1, optimizer.beta2 = recipe.betas
        optimizer.epsilon = recipe.epsilon
        optimizer.l1, optimizer.l2 = recipe.l1_penalty, recipe.l2_penalty
        return optimizer

    def criterion(self, loss: Loss) -> Any:
        """Return a recipe's loss as the kernels know it."""
        return getattr(self._module.Loss, _CRITERIA[loss])

    def logits(
        self,
        weights: NDArray[np.float32],
        images: NDArray[np.uint8],
        places: NDArray[np.int64] | None = None,
    ) -> Iterator[NDArray[np.float32]]:
        """Yield the logits of all images, or of those in ``places``, some after the other."""
        places = np.arange(len(images)) if places is None else places
        for start in range(0, max(len(places), 1), self._images_a_call):
            part = places[start : start + self._images_a_call]
            out = np.empty((len(part), self._classes), np.float32)
            self.native.logits(images, part, None, weights, out)
            yield out

    def evaluate(
        self,
        weights: NDArray[np.float32],
        images: NDArray[np.uint8],
        stop: Event,
        places: NDArray[np.int64] | None = None,
    ) -> NDArray[np.float32] | None:
        """Return the same in one array; ``None`` if ``stop`` was set."""
        parts = []
        for part in self.logits(weights, images, places):
            if stop.is_set():
                return None
            parts.append(part)
        return np.concatenate(parts)


def _build(native: Any, network: Network, image_shape: tuple[int, int, int]) -> None:
    """Add the layers to a native trainer."""
    height, width, _ = image_shape
    border = (0, 0, 0, 0)  # top, left, bottom, right
    shape: Shape = ()
    layers, shapes = _pool_first(network.layers, network.shapes(image_shape))
    for position, (layer, after) in enumerate(zip(layers, shapes, strict=True)):
        before, shape = shape, after
        match layer:
            case Pad(size=size):
                top, left = (size - height) // 2, (size - width) // 2
                border = (top, left, size - height - top, size - width - left)
            case Conv2d():
                padding = [side + layer.padding for side in border]
                native.convolution(layer.channels, layer.kernel_size, layer.stride, padding)
                border = (0, 0, 0, 0)
            case PatchEmbedding(width=features, patch=patch):
                native.convolution(features, patch, patch, list(border))
                native.tokens()
                border = (0, 0, 0, 0)
            case ClassToken():
                native.class_token()
            case PositionEncoding(kind="learned"):
                native.positions([])
            case PositionEncoding():
                native.positions(sinusoidal(*before).ravel().tolist())
            case TransformerBlock():
                _build_block(native, layer, before[1], _only_first_matters(layers, position))
            case LayerNorm():
                if len(before) == 1:
                    native.flatten()
                native.layer_norm()
            case TokenMean():
                native.token_mean()
            case TakeClassToken():
                native.first_token()
            case Linear(features=features):
                native.linear(features)
            case MaxPool2d():
                native.max_pool(layer.size, layer.stride)
            case AvgPool2d():
                native.average_pool(layer.size, layer.stride)
            case Dropout(rate=rate):
                native.dropout(rate)
            case Activation(function="leaky-relu"):
                native.leaky_relu(layer.slope)
            case Activation(function="elu"):
                native.elu(layer.alpha)
            case Activation(function=function):
                getattr(native, function)()
            case Flatten():
                pass  # a linear layer takes features in PyTorch's order


def _only_first_matters(layers: Sequence[Layer], position: int) -> bool:
    """Whether nothing but the first token that a block makes is ever looked at.

    Then the others need not be made: in a block, tokens see each other in attention alone. With
    dropout they are, because they have their places in the masks.
    """
    block, *rest = layers[position : position + 3]
    if isinstance(block, TransformerBlock) and block.dropout > 0:
        return False
    behind = [layer for layer in rest if not isinstance(layer, LayerNorm)]
    return bool(behind) and isinstance(behind[0], TakeClassToken)


def _build_block(native: Any, block: TransformerBlock, width: int, first_only: bool) -> None:
    def drop() -> None:
        if block.dropout > 0:
            native.dropout(block.dropout)

    native.fork()
    native.layer_norm()
    native.token_linear(3 * width)
    native.attention(block.heads, first_only)
    native.token_linear(width)
    drop()
    native.join(block.drop_path)
    native.fork()
    native.layer_norm()
    native.token_linear(block.mlp)
    native.gelu()
    drop()
    native.token_linear(width)
    drop()
    native.join(block.drop_path)


def _pool_first(
    layers: Sequence[Layer], shapes: Sequence[Shape]
) -> tuple[list[Layer], list[Shape]]:
    """Move max-pooling before the activation in front of it.

    Every activation of the vocabulary but GELU is monotone, so the result is the same, and a
    quarter of the values (for 2×2 windows) are left to apply it to. The shapes are those behind
    each layer.
    """
    result, behind = list(layers), list(shapes)
    for i in range(len(result) - 1):
        activation = result[i]
        monotone = isinstance(activation, Activation) and activation.function != "gelu"
        if monotone and isinstance(result[i + 1], MaxPool2d):
            result[i], result[i + 1] = result[i + 1], result[i]
            behind[i] = behind[i + 1]
    return result, behind
