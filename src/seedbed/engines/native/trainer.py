"""A network of native kernels.

Weights and optimizer state are flat float32 arrays in the order of :meth:`Network.parameters`, and
belong to the run. A trainer keeps none of them, and only one thread at a time may call it.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.data.images import Normalization
from seedbed.engines.native.layers import add_layers
from seedbed.networks.cost import cost
from seedbed.networks.network import Network
from seedbed.training.engine import RunTask
from seedbed.training.objective import PLAIN, Objective, Selection
from seedbed.training.recipe import Recipe

# Linear layers are faster on several groups of lanes at once. A call must take only a fraction of
# a second, so that Ctrl-C is handled in time.
_GROUPS_AT_ONCE: Final = 4
_IMAGES_A_CALL: Final = 2048
_MULTIPLY_ADDS_A_CALL: Final = 2e9
_IMAGES_TO_EVALUATE: Final = 64
"""Batch size of a trainer for evaluation only: enough to fill the widest vectors."""


@dataclass(frozen=True)
class TrainerKey:
    """The settings that a trainer depends on."""

    network: Network
    image_shape: tuple[int, int, int]
    normalization: Normalization
    batch_size: int
    selecting: int = 0
    """The number of networks that choose images together; 0 if none does."""

    @classmethod
    def of(cls, task: RunTask) -> "TrainerKey":
        """Return the key of a run; runs with equal keys can share a trainer."""
        data = task.dataset
        normalization = data.train.normalization()
        batch_size = min(task.recipe.batch_size, len(data.train))
        method = task.recipe.robust
        selecting = len(method.networks) if method.selects else 0
        return cls(task.network, data.image_shape, normalization, batch_size, selecting)

    @classmethod
    def of_images(
        cls, network: Network, images: NDArray[np.uint8], normalization: Normalization
    ) -> "TrainerKey":
        """Return the key for evaluating a network on N×H×W×C images."""
        height, width, channels = images.shape[1:]
        batch_size = min(max(len(images), 1), _IMAGES_TO_EVALUATE)
        return cls(network, (height, width, channels), normalization, batch_size)


class Trainer:
    """A network that is ready to be trained and evaluated.

    Args:
        module: The kernels for one instruction set.
        key: The network, images and batch size.
        cores: Threads that share the groups of lanes of a batch; they live as long as the trainer.
            A batch of fewer groups uses fewer. Never changes a result.
    """

    def __init__(self, module: ModuleType, key: TrainerKey, cores: int = 1) -> None:
        self.key = key
        self.cores = cores
        self.module = module
        mean, std = np.array(key.normalization.mean), np.array(key.normalization.std)
        # Use fewer lanes if half of them or more would stay empty.
        filled = [lanes for lanes in module.TRAINERS if key.batch_size > lanes // 2]
        lanes = max(filled, default=min(module.TRAINERS))
        self.native, *peers = (
            module.TRAINERS[lanes](
                list(key.image_shape), (1 / (255 * std)).tolist(), (-mean / std).tolist()
            )
            for _ in range(max(key.selecting, 1))
        )
        for native in (self.native, *peers):
            add_layers(native, key.network, key.image_shape)
        images = max(key.batch_size, max(_GROUPS_AT_ONCE, cores) * lanes)
        self.native.finish(images, threads=cores, selects=key.selecting > 0)
        for peer in peers:
            peer.finish_beside(self.native)
        self.peer = peers[0] if peers else None
        work = cost(key.network, key.image_shape).multiply_adds
        self._images_a_call = min(_IMAGES_A_CALL, math.ceil(_MULTIPLY_ADDS_A_CALL / work))
        self.classes = key.network.shapes(key.image_shape)[-1][0]

    def optimizer(self, recipe: Recipe) -> Any:
        """Return the optimizer of a recipe for the kernels."""
        return self.module.Optimizer(
            recipe.optimizer,
            momentum=recipe.momentum,
            nesterov=recipe.nesterov,
            weight_decay=recipe.weight_decay,
            betas=recipe.betas,
            eps=recipe.eps,
            l1=recipe.l1_penalty,
            l2=recipe.l2_penalty,
            clip=recipe.clip_grad_norm,
        )

    def state(self, arrays: Mapping[str, NDArray[np.float32]]) -> Any:
        """Return the arrays of a network for the kernels, which change them in place."""
        return self.module.State(
            arrays["weights"],
            first_moment=arrays.get("first_moment"),
            second_moment=arrays.get("second_moment"),
            average=arrays.get("average"),
        )

    def objective(self, recipe: Recipe, changes: Objective = PLAIN) -> Any:
        """Return the loss of a recipe for the kernels, with the changes of its method."""
        early = changes.early_learning
        return self.module.Objective(
            recipe.loss.name,
            parameters=recipe.loss.parameters,
            label_smoothing=recipe.label_smoothing,
            transition=changes.transition,
            label_targets=changes.label_targets,
            early_weight=early.weight if early else 0.0,
            early_decay=early.decay if early else 0.0,
        )

    def selection(self, selection: Selection) -> Any:
        """Return a selection for the kernels."""
        return self.module.Selection(
            selection.judge,
            keep=selection.keep,
            disputed=selection.disputed,
            agreement=selection.agreement,
        )

    def logits(
        self,
        weights: NDArray[np.float32],
        images: NDArray[np.uint8],
        indices: NDArray[np.int64] | None = None,
    ) -> Iterator[NDArray[np.float32]]:
        """Yield the logits of all images, or of those at ``indices``, in consecutive parts."""
        indices = np.arange(len(images)) if indices is None else indices
        for start in range(0, max(len(indices), 1), self._images_a_call):
            part = indices[start : start + self._images_a_call]
            out = np.empty((len(part), self.classes), np.float32)
            self.native.logits(self.module.Batches(images=images, order=part), weights, out)
            yield out
