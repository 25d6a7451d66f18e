"""A module of PyTorch in the terms of Seedbed: its weights as one flat array, trained step by step.

All trained weights lie in one tensor, of which the module's parameters are views, and so do their
gradients. So an optimizer has one tensor to change, and a run's arrays are those of the contract.
"""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from threading import Event
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from seedbed.data.images import Normalisation
from seedbed.errors import NetworkError
from seedbed.networks.own import kept_tensors, trained_tensors
from seedbed.training.lent_generator import LentGenerator
from seedbed.training.recipe import Recipe
from seedbed.training.torch_module import NetworkModule

# Few enough that Ctrl-C is noticed, and that what passes between layers stays in a core's cache.
_IMAGES_A_CALL: Final = {"cpu": 256}
_ON_A_GPU: Final = 2048

State = Mapping[str, NDArray[np.float32]]


class TorchTrainer:
    """A module that is ready to train and to be evaluated, on one device.

    Args:
        module: From normalised float32 N×C×H×W images to N×K logits, on the device already.
        normalisation: How pixels become its input.
        device: Where it computes.
    """

    def __init__(
        self, module: nn.Module, normalisation: Normalisation, device: torch.device
    ) -> None:
        self.module = module
        self.device = device
        mean, std = np.array(normalisation.mean), np.array(normalisation.std)
        self._scale = self._per_channel(1 / (255 * std))
        self._shift = self._per_channel(-mean / std)
        trained = trained_tensors(module).values()
        self._kept = list(kept_tensors(module).values())
        self.weights = nn.Parameter(
            torch.zeros(sum(each.numel() for each in trained), device=device)
        )
        self.weights.grad = torch.zeros_like(self.weights)
        at = 0
        for each in trained:
            part = slice(at, at + each.numel())
            each.data = self.weights.detach()[part].view(each.shape)
            each.grad = self.weights.grad[part].view(each.shape)
            at += each.numel()
        self._images_a_call = _IMAGES_A_CALL.get(device.type, _ON_A_GPU)
        self._average: Tensor | None = None
        self._lent: LentGenerator | None = None
        self._optimizer: torch.optim.Optimizer

    def begin(self, recipe: Recipe, state: State, steps: int, seed: int | None = None) -> None:
        """Take the arrays of a run to go on with them.

        Args:
            recipe: The run's.
            state: Its arrays.
            steps: How many it has done.
            seed: Of what the module draws in the next epoch, if it draws.
        """
        self.load(state["weights"])
        self._lent = None if seed is None else LentGenerator(seed, self.device)
        self._recipe = recipe
        self._optimizer = _optimizer(recipe, self.weights)
        self._optimizer.state[self.weights] = {
            name: self._tensor(state[array][: self.weights.numel()])
            for name, array in _MOMENTS[recipe.optimizer].items()
            if array in state
        }
        if recipe.optimizer != "sgd":
            self._optimizer.state[self.weights]["step"] = torch.tensor(float(steps))
        average = state.get("average")
        self._average = None if average is None else self._tensor(average[: self.weights.numel()])
        self.module.train()

    def store(self, state: State) -> None:
        """Put what has become of the arrays back into them."""
        trained = self.weights.numel()
        kept = [each.detach().to(torch.float32).reshape(-1) for each in self._kept]
        beside = torch.cat(kept).cpu().numpy() if kept else np.zeros(0, np.float32)
        moments = self._optimizer.state[self.weights]
        found = {
            array: moments[name]
            for name, array in _MOMENTS[self._recipe.optimizer].items()
            if array in state
        }
        found["weights"] = self.weights.detach()
        if self._average is not None:
            found["average"] = self._average
        for name, tensor in found.items():
            state[name][:trained] = tensor.cpu().numpy()
            if name in ("weights", "average"):
                state[name][trained:] = beside

    def step(
        self, images: Tensor, labels: Tensor, masks: Tensor | None, rate: float, decay: float
    ) -> tuple[Tensor, Tensor]:
        """Change the weights by a batch.

        Args:
            images: From :meth:`inputs`.
            labels: N.
            masks: What dropout keeps, if anything is dropped.
            rate: The learning rate.
            decay: Of the weight average.

        Returns:
            The mean loss before the step, and how many images were right; on the device.
        """
        recipe, gradient = self._recipe, self.weights.grad
        assert gradient is not None
        gradient.zero_()
        logits = self._forward(images, masks)
        loss = batch_loss(recipe, logits, labels)
        loss.backward()  # type: ignore[no-untyped-call]
        with torch.no_grad():
            if recipe.l1_penalty > 0:
                gradient.add_(self.weights.sign(), alpha=recipe.l1_penalty)
            if recipe.l2_penalty > 0:
                gradient.add_(self.weights, alpha=recipe.l2_penalty)
            self._optimizer.param_groups[0]["lr"] = rate
            self._optimizer.step()
            if self._average is not None:
                self._average.lerp_(self.weights, 1 - decay)
            return loss.detach(), (logits.argmax(dim=1) == labels).sum()

    def _forward(self, images: Tensor, masks: Tensor | None) -> Tensor:
        if isinstance(self.module, NetworkModule):
            return self.module(images, masks)  # type: ignore[no-any-return]
        try:
            with self._lent.drawing() if self._lent is not None else nullcontext():
                return self.module(images)  # type: ignore[no-any-return]
        except Exception as error:
            said = " ".join(f"{type(error).__name__}: {error}".split())
            raise NetworkError(
                f"failed on a batch of {len(images)} images: {said}",
                where=type(self.module).__name__,
            ) from error

    def inputs(self, images: NDArray[np.uint8], warps: NDArray[np.float32] | None = None) -> Tensor:
        """Return N×H×W×C pixels as the module takes them, each moved by its row of ``warps``."""
        pixels = torch.tensor(images, device=self.device).permute(0, 3, 1, 2)
        values = pixels.to(torch.float32, memory_format=torch.contiguous_format)
        values = values.mul_(self._scale).add_(self._shift)
        return values if warps is None else warped(values, self._tensor(warps))

    def tensor(self, values: NDArray[np.int64] | NDArray[np.uint8]) -> Tensor:
        """Return labels or masks on the device."""
        return torch.tensor(values, device=self.device)

    def load(self, weights: NDArray[np.float32]) -> None:
        """Take all weights, and what is kept beside them."""
        trained = self.weights.numel()
        with torch.no_grad():
            self.weights.copy_(self._tensor(weights[:trained]))
            at = trained
            for each in self._kept:
                part = weights[at : at + each.numel()].reshape(tuple(each.shape))
                each.copy_(self._tensor(part))
                at += each.numel()

    def logits(
        self,
        weights: NDArray[np.float32],
        images: NDArray[np.uint8],
        places: NDArray[np.int64] | None = None,
    ) -> Iterator[NDArray[np.float32]]:
        """Yield the logits of all images, or of those in ``places``, some after the other."""
        places = np.arange(len(images)) if places is None else places
        self.load(weights)
        self.module.eval()
        for start in range(0, max(len(places), 1), self._images_a_call):
            part = places[start : start + self._images_a_call]
            with torch.no_grad():
                answer: Tensor = self.module(self.inputs(images[part]))
            yield answer.to(torch.float32).cpu().numpy()

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

    def _tensor(self, values: NDArray[np.float32]) -> Tensor:
        return torch.tensor(values, device=self.device)

    def _per_channel(self, values: NDArray[np.float64]) -> Tensor:
        return self._tensor(values.astype(np.float32))[:, None, None]


_MOMENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "sgd": {"momentum_buffer": "first_moment"},
    "adam": {"exp_avg": "first_moment", "exp_avg_sq": "second_moment"},
    "adamw": {"exp_avg": "first_moment", "exp_avg_sq": "second_moment"},
}
"""What PyTorch's optimizers call the arrays of a run."""


def batch_loss(recipe: Recipe, logits: Tensor, labels: Tensor) -> Tensor:
    """Return the recipe's loss of N×K logits, a mean over the images."""
    smoothing, classes = recipe.label_smoothing, logits.shape[1]
    if recipe.loss == "cross-entropy":
        return functional.cross_entropy(logits, labels, label_smoothing=smoothing)
    targets = functional.one_hot(labels, classes).to(logits.dtype)
    targets = targets * (1 - smoothing) + smoothing / classes
    match recipe.loss:
        case "mse":
            each = (logits.softmax(dim=1) - targets).square()
        case "l1":
            each = (logits.softmax(dim=1) - targets).abs()
        case "binary-cross-entropy":
            each = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    return each.sum(dim=1).mean()


def warped(images: Tensor, warps: Tensor) -> Tensor:
    """Return N×C×H×W images, each seen through its row of N×6 ``warps``.

    :mod:`seedbed.training.batches` says what the numbers of a row are.
    """
    height, width = images.shape[2:]
    y, x = torch.meshgrid(
        torch.arange(height, device=images.device, dtype=images.dtype),
        torch.arange(width, device=images.device, dtype=images.dtype),
        indexing="ij",
    )
    a, b, c, d, e, f = warps[:, :, None, None].unbind(1)
    # Places go from -1 to 1 there, from the first pixel's centre to the last one's.
    across = (a * x + b * y + c) * (2 / max(width - 1, 1)) - 1
    down = (d * x + e * y + f) * (2 / max(height - 1, 1)) - 1
    return functional.grid_sample(
        images,
        torch.stack([across, down], dim=-1),
        mode="bilinear",
        padding_mode="border",
        align_corners=True,
    )


def _optimizer(recipe: Recipe, weights: nn.Parameter) -> torch.optim.Optimizer:
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(
            [weights],
            lr=recipe.learning_rate,
            momentum=recipe.momentum,
            nesterov=recipe.nesterov,
            weight_decay=recipe.weight_decay,
        )
    kind = torch.optim.Adam if recipe.optimizer == "adam" else torch.optim.AdamW
    return kind(
        [weights],
        lr=recipe.learning_rate,
        betas=recipe.betas,
        eps=recipe.epsilon,
        weight_decay=recipe.weight_decay,
    )
