"""A PyTorch module that is trained step by step, with its weights in one flat tensor.

The parameters of the module are views of the flat tensor, and their gradients are views of another
one. The optimizer updates only this tensor, which corresponds to the weight array of a run. Several
runs can go through the module together to keep a GPU busy: then the tensor contains the first
parameter of every run, then the second, and so on. The runs do not affect each other.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.func import functional_call, vmap

from seedbed.core.errors import NetworkError
from seedbed.data.images import Normalization
from seedbed.engines.torch.device.arrays import ModuleArrays, State
from seedbed.engines.torch.device.images import DeviceImages, to_device
from seedbed.engines.torch.failures import blaming
from seedbed.engines.torch.generator import LentGenerator
from seedbed.engines.torch.losses import NO_CHANGES, Changes, Outcome, outcome
from seedbed.engines.torch.modules import NetworkModule
from seedbed.engines.torch.recipe import MOMENTS, make_optimizer, warped
from seedbed.engines.torch.settings import products
from seedbed.networks.shapes import times
from seedbed.training.objective import PLAIN, Objective
from seedbed.training.recipe import Recipe

# For images of 32×32 pixels; fewer for larger ones. Few enough to notice Ctrl-C, to keep
# activations in a core's cache, and to fit into the memory of a GPU.
_IMAGES_A_CALL: Final = {"cpu": 256}
_ON_A_GPU: Final = 2048


class TorchTrainer:
    """A module that is ready to be trained and evaluated on one device.

    Args:
        module: From normalized float32 N×C×H×W images to N×K logits; already on the device.
        normalization: How pixels become its input.
        classes: K.
        device: The device.
        images: The images on the device, if another trainer has uploaded any.
    """

    def __init__(
        self,
        module: nn.Module,
        normalization: Normalization,
        classes: int,
        device: torch.device,
        images: DeviceImages | None = None,
    ) -> None:
        self.module, self.device = module, device
        self._normalization, self._classes = normalization, classes
        self._images = images or DeviceImages(device)
        self._arrays = ModuleArrays(module, device)
        mean, std = np.array(normalization.mean), np.array(normalization.std)
        self._scale, self._shift = map(self._per_channel, (1 / (255 * std), -mean / std))
        self._row = torch.zeros(self._arrays.count, device=device)
        self._row_gradient = torch.zeros_like(self._row)
        weights = self._arrays.parts(self._row)
        gradients = self._arrays.parts(self._row_gradient)
        for name, parameter in self._arrays.trained.items():
            parameter.data, parameter.grad = weights[name], gradients[name]

    def begin(
        self,
        recipe: Recipe,
        states: Sequence[State],
        steps: int,
        seed: int | None = None,
        objectives: Sequence[Objective] = (),
    ) -> None:
        """Load the arrays of runs, to continue training them.

        Args:
            recipe: Of all runs.
            states: The arrays of every run.
            steps: The number of steps that every run has done.
            seed: For the random numbers of the module in the next epoch, if it draws any; then
                there is a single run.
            objectives: Of every run in the next epoch, all with the same fields; by default plain.
        """
        self._recipe, arrays = recipe, self._arrays
        self._take(objectives or [PLAIN] * len(states))
        self._lent = None if seed is None else LentGenerator(seed, self.device)
        if len(states) == 1:
            self.load(states[0]["weights"])
            self.weights, self._gradient = nn.Parameter(self._row), self._row_gradient
            self._stacked: tuple[dict[str, Tensor], dict[str, Tensor]] | None = None
        else:
            self.weights = nn.Parameter(arrays.gathered(states, "weights"))
            self._gradient = torch.zeros_like(self.weights)
            runs = (len(states),)
            leaves = arrays.parts(self.weights.detach(), runs)
            gradients = arrays.parts(self._gradient, runs)
            for name, leaf in leaves.items():
                leaf.requires_grad_().grad = gradients[name]
            self._stacked = leaves, arrays.kept_parts(states, "weights")
        self.weights.grad = self._gradient.zero_()
        self._optimizer = make_optimizer(recipe, self.weights)
        moments = self._optimizer.state[self.weights]
        for name, array in MOMENTS[recipe.optimizer].items():
            if array in states[0]:
                moments[name] = arrays.gathered(states, array)
        if recipe.optimizer != "sgd":
            moments["step"] = torch.tensor(float(steps))
        averaged = "average" in states[0]
        self._average = arrays.gathered(states, "average") if averaged else None
        self._average_beside = arrays.kept_parts(states, "average") if averaged else {}
        self.module.train()

    def _take(self, objectives: Sequence[Objective]) -> None:
        """Copy what the objectives hold to the device: one row per run."""

        def together(arrays: Sequence[NDArray[np.float32] | None]) -> Tensor | None:
            given = [array for array in arrays if array is not None]
            return self._arrays.tensor(np.stack(given)) if given else None

        self._objectives = objectives
        self._changes = Changes(
            transition=together([each.transition for each in objectives]),
            label_targets=together([each.label_targets for each in objectives]),
            class_weights=together([each.class_weights for each in objectives]),
        )
        self._early = objectives[0].early_learning
        self._running = together(
            [each.early_learning.running for each in objectives if each.early_learning is not None]
        )

    @property
    def _beside(self) -> dict[str, Tensor]:
        """Buffers and frozen parameters; for a single run, those of the module."""
        return self._arrays.kept if self._stacked is None else self._stacked[1]

    def store(self, states: Sequence[State]) -> None:
        """Write the results of training back into the arrays."""
        moments = self._optimizer.state[self.weights]
        names = MOMENTS[self._recipe.optimizer].items()
        results = {array: moments[name] for name, array in names if array in states[0]}
        results["weights"] = self.weights.detach()
        if self._average is not None:
            results["average"] = self._average
        for name, flat in results.items():
            rows = self._arrays.scattered(flat, len(states))
            for state, values in zip(states, rows, strict=True):
                state[name][: self._arrays.count] = values
        self._arrays.put_kept(self._beside, states, "weights")
        self._arrays.put_kept(self._average_beside, states, "average")
        running = None if self._running is None else self._running.cpu().numpy()
        for position, objective in enumerate(self._objectives):
            if objective.early_learning is not None and running is not None:
                objective.early_learning.running[...] = running[position]

    def step(
        self,
        images: Tensor,
        labels: Tensor,
        masks: Tensor | None,
        rate: float,
        decay: float,
        indices: Tensor | None = None,
        mixed: Changes = NO_CHANGES,
    ) -> tuple[Tensor, Tensor]:
        """Do one step of every run, with one batch per run.

        Args:
            images: R×N×C×H×W for R runs, from :meth:`inputs`.
            labels: R×N.
            masks: Dropout masks, R×N×F; ``None`` without dropout.
            rate: The learning rate.
            decay: Of the moving average of the weights.
            indices: Of the images in the training split, R×N, for early-learning regularization.
            mixed: The labels of partners, and shares, R×N, if images are mixed.

        Returns:
            The mean loss of each run's batch before the step, and its number of correct
            predictions; R each, on the device.
        """
        recipe = self._recipe
        changes = self._changes._replace(partners=mixed.partners, shares=mixed.shares)
        if self._running is not None:  # read and written here, because vmap changes nothing
            runs = torch.arange(len(labels), device=self.device)[:, None]
            changes = changes._replace(running=self._running[runs, indices])
        with blaming(self.module, labels.shape[1]), products(tf32=recipe.precision == "tf32"):
            if self._stacked is None:
                with self._precision(), self._drawing():
                    logits = self._forward(images[0], None if masks is None else masks[0])
                first = Changes(*(None if part is None else part[0] for part in changes))
                loss, hits, rows = outcome(recipe, logits.float(), labels[0], first, self._early)
                losses, right = loss[None], hits[None]
                rows = None if rows is None else rows[None]
            else:
                losses, right, rows = self._together(self._stacked, images, labels, masks, changes)
            if rows is not None and self._running is not None:
                self._running[runs, indices] = rows.detach()
            losses.sum().backward()  # type: ignore[no-untyped-call]
        self.descend(rate, decay)
        return losses.detach(), right

    def skip(self) -> None:
        """Count a step that changes nothing."""
        if "step" in self._optimizer.state[self.weights]:  # which corrects Adam's moments
            self._optimizer.state[self.weights]["step"] += 1

    def descend(self, rate: float, decay: float) -> None:
        """Change the weights by the gradient of every run, which has been computed."""
        recipe, gradient = self._recipe, self._gradient
        with torch.no_grad():
            if recipe.l1_penalty > 0:
                gradient.add_(self.weights.sign(), alpha=recipe.l1_penalty)
            if recipe.l2_penalty > 0:
                gradient.add_(self.weights, alpha=recipe.l2_penalty)
            if recipe.clip_grad_norm > 0:
                self._arrays.clip(gradient, len(self._objectives), recipe.clip_grad_norm)
            self._optimizer.param_groups[0]["lr"] = rate
            self._optimizer.step()
            if self._average is not None:
                self._average.lerp_(self.weights, 1 - decay)
            current = self._beside if self._average_beside else {}
            for name, average in self._average_beside.items():
                if average.is_floating_point():
                    mean = average.lerp(current[name], 1 - decay)
                    # Equal values stay as they are, infinities included.
                    average.copy_(torch.where(average == current[name], average, mean))
                else:
                    average.copy_(current[name])
        gradient.zero_()

    def _together(
        self,
        stacked: tuple[dict[str, Tensor], dict[str, Tensor]],
        images: Tensor,
        labels: Tensor,
        masks: Tensor | None,
        changes: Changes,
    ) -> Outcome:
        """Return the outcome of each run, computed in one pass."""

        def one(
            tensors: tuple[dict[str, Tensor], dict[str, Tensor]],
            images: Tensor,
            labels: Tensor,
            masks: Tensor | None,
            changes: Changes,
        ) -> tuple[Tensor, ...]:
            with self._precision():
                logits = self._forward(images, masks, tensors)
            result = outcome(self._recipe, logits.float(), labels, changes, self._early)
            return tuple(part for part in result if part is not None)

        given = tuple(None if part is None else 0 for part in changes)
        dimensions = (0, 0, 0, None if masks is None else 0, Changes._make(given))
        results = vmap(one, in_dims=dimensions)(stacked, images, labels, masks, changes)
        return Outcome(*results, *[None] * (3 - len(results)))

    def _precision(self) -> AbstractContextManager[None]:
        """Round the inputs of products in the block, if the recipe asks for 16 bits."""
        if self._recipe.precision != "bfloat16":
            return nullcontext()
        # A cache would reuse the rounded weights of this step in the next one.
        return torch.autocast(self.device.type, torch.bfloat16, cache_enabled=False)

    def _drawing(self) -> AbstractContextManager[None]:
        """Give the module the generator of its run, if it draws random numbers."""
        return nullcontext() if self._lent is None else self._lent.drawing()

    def _forward(
        self,
        images: Tensor,
        masks: Tensor | None = None,
        tensors: tuple[dict[str, Tensor], dict[str, Tensor]] | None = None,
    ) -> Tensor:
        """Return the logits; ``tensors`` replace those of the module."""
        ours = isinstance(self.module, NetworkModule)
        inputs = (images, masks) if ours else (images,)
        logits: Tensor = (
            self.module(*inputs)
            if tensors is None
            else functional_call(self.module, tensors, inputs)
        )
        actual, expected = tuple(logits.shape), (len(images), self._classes)
        if actual != expected:  # the check of the network has tried only two images
            raise NetworkError(
                f"returns {times(actual) or 'a single number'} for a batch of {len(images)} "
                f"image{'' if len(images) == 1 else 's'}",
                where=type(self.module).__name__,
                expected=f"{times(expected)} logits",
            )
        return logits

    def like(self, module: nn.Module) -> "TorchTrainer":
        """Return a trainer for another module, which is moved to the device."""
        module = module.to(self.device)
        return TorchTrainer(module, self._normalization, self._classes, self.device, self._images)

    def inputs(
        self,
        images: NDArray[np.uint8],
        indices: Tensor,
        warps: Tensor | None = None,
        moved: Tensor | None = None,
    ) -> Tensor:
        """Return normalized images for the module, warped by the rows of ``warps``.

        Args:
            images: The whole split, N×H×W×C.
            indices: Indices of the images to return, of any shape, on the device.
            warps: The shape of ``indices`` × 6, on the device.
            moved: The displacements of elastic distortion, the shape of ``indices`` × 2×H×W.
        """
        pixels = self._images.take(images, indices.reshape(-1)).permute(0, 3, 1, 2)
        values = pixels.to(torch.float32, memory_format=torch.contiguous_format)
        values = values.mul_(self._scale).add_(self._shift)
        if warps is not None:
            values = warped(values, warps.reshape(-1, 6), moved)
        return values.reshape(*indices.shape, *values.shape[1:])

    def load(self, weights: NDArray[np.float32]) -> None:
        """Load the weights and buffers of a run into the module."""
        with torch.no_grad():
            count = self._arrays.count
            self._row.copy_(self._arrays.tensor(weights[:count]))
            kept = self._arrays.kept
            for name, (value,) in self._arrays.kept_parts([{"": weights}], "").items():
                kept[name].copy_(value)

    def training_logits(self, images: Tensor, masks: Tensor | None) -> Tensor:
        """Return the N×K logits of a single run in training; arguments as in :meth:`step`."""
        precise = products(tf32=self._recipe.precision == "tf32")
        with blaming(self.module, len(images)), precise, self._precision(), self._drawing():
            return self._forward(images, masks).float()

    def logits(
        self,
        weights: NDArray[np.float32],
        images: NDArray[np.uint8],
        indices: NDArray[np.int64] | None = None,
    ) -> Iterator[NDArray[np.float32]]:
        """Yield the logits of all images, or of those at ``indices``, in consecutive parts."""
        indices = np.arange(len(images)) if indices is None else indices
        rows = to_device(indices, self.device)
        self.load(weights)
        self.module.eval()
        at_once = self._images_a_call(math.prod(images.shape[1:3]))
        if not len(indices):  # not every module accepts an empty batch
            yield np.empty((0, self._classes), np.float32)
        for start in range(0, len(indices), at_once):
            part = rows[start : start + at_once]
            with torch.no_grad(), blaming(self.module, len(part)), products(tf32=False):
                logits = self._forward(self.inputs(images, part))
            yield logits.to(torch.float32).cpu().numpy()

    def logits_together(
        self,
        weights: Sequence[NDArray[np.float32]],
        images: NDArray[np.uint8],
        indices: NDArray[np.int64],
        batch_size: int,
    ) -> Iterator[NDArray[np.float32]]:
        """Yield the logits of several runs, computed in one pass, in consecutive parts, R×n×K.

        Args:
            weights: Of R runs.
            images: The whole split, N×H×W×C.
            indices: Of the images to evaluate, the same number for every run, R×M.
            batch_size: Images a run that fit into memory.
        """
        states = [{"weights": each} for each in weights]
        runs, arrays = len(states), self._arrays
        leaves = arrays.parts(arrays.gathered(states, "weights"), (runs,))
        tensors = leaves, arrays.kept_parts(states, "weights")
        shared = bool((indices == indices[0]).all())  # then they are prepared once
        rows = to_device(indices[0] if shared else indices, self.device)
        at_once = max(batch_size, self._images_a_call(math.prod(images.shape[1:3])) // runs)

        def one(tensors: tuple[dict[str, Tensor], dict[str, Tensor]], part: Tensor) -> Tensor:
            return self._forward(part, tensors=tensors)

        together = vmap(one, in_dims=(0, None if shared else 0))
        self.module.eval()
        for start in range(0, indices.shape[1], at_once):
            part = rows[..., start : start + at_once]
            with torch.no_grad(), blaming(self.module, part.shape[-1]), products(tf32=False):
                logits = together(tensors, self.inputs(images, part))
            yield logits.to(torch.float32).cpu().numpy()

    def _images_a_call(self, pixels: int) -> int:
        """Return how many images with this many pixels to evaluate at a time."""
        most = _IMAGES_A_CALL.get(self.device.type, _ON_A_GPU)
        return max(1, min(most, most * 32 * 32 // pixels))

    def _per_channel(self, values: NDArray[np.float64]) -> Tensor:
        return self._arrays.tensor(values.astype(np.float32))[:, None, None]
