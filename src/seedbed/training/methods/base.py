"""The method contract: how a training step deals with labels that may be wrong.

The training loop (:mod:`seedbed.training.run`) handles epochs, evaluation, checkpoints and the
selection of weights; an engine handles the arithmetic. A method defines:

* **State.** ``networks`` names its networks. Each has separate initial weights (the first has the
  same for all methods), optimizer state and weight average. :meth:`Method.state` creates other
  arrays: a row per training image, or a transition matrix. Checkpoints contain all of it, under
  ``<network>/...`` and ``method/...``, so runs resume bit for bit. A method must not keep state
  anywhere else, and draws only from streams with the run's seed for them.
* **Steps.** A method of one network usually changes only the objective of an epoch
  (:meth:`Method.objective`), and its state between epochs (:meth:`Method.after_epoch`). A method
  that looks at every batch overrides :meth:`Method.train_epoch`, sets ``by_batch``, and trains with
  ``batches``, ``logits`` and ``step`` of :class:`Steps`, at the price of another forward pass. If
  an epoch returns early because of ``steps.stopped``, it does not count.
* **Prediction.** ``predicts`` names the network that is evaluated and kept.
* **Honesty.** ``told`` says what it knows of the noise besides the noisy labels.

Target rows are enough for any loss of the softmax p: its gradient g with respect to the logits sums
to 0, and that of cross-entropy is p - t for a row t that sums to 1, so t = p - g yields g.

A method is one file: subclass :class:`Method`, and add the class to
:data:`seedbed.training.methods.registry.METHODS`.
"""

from abc import ABC
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from seedbed.core.named import Named
from seedbed.core.seeds import Seeds
from seedbed.noise.labels import NoisyLabels
from seedbed.noise.spec import NoiseSpec
from seedbed.noise.transition import Matrix
from seedbed.training.losses.base import Loss
from seedbed.training.objective import PLAIN, Objective


class RunFailed(Exception):
    """Why a run cannot continue, raised by a method; the run ends as diverged, others continue."""


Arrays = dict[str, NDArray[Any]]
Told = Literal["nothing", "rate", "transition"]


@dataclass(frozen=True, eq=False)
class Batch:
    """The images of a step."""

    number: int
    """Of the step in its epoch, 0 for the first."""
    indices: NDArray[np.int64]
    """Into the training split; n."""
    labels: NDArray[np.int64]
    """Of the run, noisy where the configuration has noise; n."""
    warps: NDArray[np.float32] | None
    """Augmentation, n×6; see :mod:`seedbed.training.batches`."""
    masks: NDArray[np.uint8] | None
    """Of dropout; a row per image."""

    def __len__(self) -> int:
        return len(self.indices)

    def __getitem__(self, chosen: NDArray[np.int64]) -> "Batch":
        """Return the batch with these of its images only."""
        return Batch(
            self.number,
            self.indices[chosen],
            self.labels[chosen],
            None if self.warps is None else self.warps[chosen],
            None if self.masks is None else self.masks[chosen],
        )


class Steps(Protocol):
    """The operations that an engine offers a method in one epoch of a run."""

    @property
    def stopped(self) -> bool:
        """Whether to return early; the result is ignored then."""

    @property
    def done(self) -> int:
        """Finished epochs, 0 in the first."""

    @property
    def epochs(self) -> int:
        """All epochs of the recipe."""

    @property
    def labels(self) -> NDArray[np.int64]:
        """The labels of the images that the run learns from, in the order of :meth:`predict`."""

    def epoch(self, network: str, objective: Objective = PLAIN) -> tuple[float, int]:
        """Train a network on every batch of the epoch.

        Returns:
            The summed loss of the images and the number of correct predictions, both measured
            before the step that uses the image.
        """

    def predict(self, network: str) -> NDArray[np.float32]:
        """Return the logits of all images that the run learns from, N×K.

        Without augmentation, and with the weights that would be kept.
        """

    def batches(self) -> Iterator[Batch]:
        """Yield the batches of the epoch in their order, until training is stopped."""

    def logits(self, network: str, batch: Batch) -> NDArray[np.float32]:
        """Return the logits of the augmented images, n×K, in evaluation mode."""

    def losses(self, logits: NDArray[np.float32], labels: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the recipe's loss of each image, n."""

    def step(self, network: str, batch: Batch, targets: NDArray[np.float32] | None = None) -> None:
        """Do one step of the optimizer, on the mean loss of the batch.

        Args:
            network: The network to train.
            batch: A batch of this epoch, or a part of it with at least one image.
            targets: Rows that sum to 1, in place of the labels, n×K.
        """


@dataclass(frozen=True, eq=False)
class RunLabels:
    """The labels of a run and what else the state of a method is made from."""

    labels: NoisyLabels
    """Of the whole training split. The clean ones are for methods that are told about the noise."""
    train: NDArray[np.int64]
    """The images that the run learns from."""
    class_names: Sequence[str]
    seeds: Seeds

    @property
    def transition(self) -> Matrix:
        """The true T: as configured; for human labels as observed in the images learned from."""
        if self.labels.transition is not None:
            return self.labels.transition
        return replace(
            self.labels, clean=self.labels.clean[self.train], noisy=self.labels.noisy[self.train]
        ).observed_transition

    @property
    def noise_rate(self) -> float:
        """The true rate of wrong labels, that of :attr:`transition` for these classes."""
        return float(1 - np.diag(self.transition)[self.labels.clean[self.train]].mean())


class Method(Named, ABC):
    """A training method; its parameters are fields, and constant."""

    key: ClassVar = "method"

    networks: ClassVar[tuple[str, ...]] = ("network",)
    """Names without a slash, other than ``best`` and ``method``."""
    predicts: ClassVar[str] = "network"
    """The network whose weights are evaluated and kept."""
    by_batch: ClassVar[bool] = False
    """Whether :meth:`train_epoch` looks at every batch."""
    of_single_images: ClassVar[bool] = False
    """Whether a step depends on which image it sees, so that images cannot be mixed."""

    method: str = ""
    """In study files and in records; a ``Literal`` in every method."""

    @property
    def told(self) -> Told:
        """What the method is told of the noise: nothing, its rate, or the transition matrix."""
        return "nothing"

    def resolved(self, folder: Path | None = None) -> Self:  # noqa: ARG002
        """Return the same method with the contents of its files, relative to ``folder``.

        Raises:
            SeedbedError: If a file cannot be read.
        """
        return self

    def misfit(self, loss: Loss, label_smoothing: float) -> str | None:  # noqa: ARG002
        """Return why the method cannot be used with a recipe, or ``None``."""
        return None

    def check(self, noise: NoiseSpec, class_names: Sequence[str]) -> None:
        """Reject settings that do not fit the noise or the classes.

        Raises:
            StudyError: If they do not.
        """

    def state(self, run: RunLabels) -> Arrays:  # noqa: ARG002
        """Return the initial arrays that the method keeps in addition to its networks.

        Raises:
            StudyError: If the method cannot be used with these labels.
        """
        return {}

    def objective(self, state: Arrays) -> Objective:  # noqa: ARG002
        """Return what the next epoch minimizes."""
        return PLAIN

    def train_epoch(self, steps: Steps, state: Arrays) -> tuple[float, int]:
        """Train one epoch.

        Args:
            steps: The engine's operations.
            state: The arrays of :meth:`state` after the previous epoch, changed in place.

        Returns:
            The summed loss and the number of correct predictions of the predicting network.

        Raises:
            RunFailed: If this run cannot continue.
        """
        score = steps.epoch(self.predicts, self.objective(state))
        if np.isfinite(score[0]) and not steps.stopped:
            self.after_epoch(steps, state)
        return score

    def after_epoch(self, steps: Steps, state: Arrays) -> None:
        """Change the state after an epoch; see :meth:`train_epoch`.

        Raises:
            RunFailed: If this run cannot continue.
        """

    def estimated_transition(self, state: Arrays) -> Matrix | None:  # noqa: ARG002
        """Return T as the method estimates it after an epoch, K×K, or ``None``."""
        return None
