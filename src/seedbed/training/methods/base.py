"""The method contract: how a training step deals with labels that may be wrong.

The training loop (:mod:`seedbed.training.run`) handles epochs, evaluation, checkpoints and the
selection of weights; an engine handles the arithmetic. A method defines:

* **State.** ``networks`` names its networks. Each has separate initial weights (the first has the
  same for all methods), optimizer state and weight average. :meth:`Method.state` creates other
  arrays: a row per training image, or a transition matrix. Checkpoints contain all of it, under
  ``<network>/...`` and ``method/...``, so runs resume bit for bit. A method must not keep state
  anywhere else, and draws only from streams with the run's seed for them.
* **Objective.** :meth:`Method.objective` says what the steps of an epoch minimize, and which images
  of a batch they learn from. Engines compute it; see :mod:`seedbed.training.objective`. Between
  epochs, :meth:`Method.after_epoch` may look at predictions and change the state.
* **Prediction.** ``predicts`` names the network that is evaluated and kept.
* **Honesty.** ``told`` says what it knows of the noise besides the noisy labels.

A method is one file: subclass :class:`Method`, and add the class to
:data:`seedbed.training.methods.registry.METHODS`.
"""

from abc import ABC
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Final, Literal, Protocol, Self

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


EVERY_IMAGE: Final = slice(None)

Arrays = dict[str, NDArray[Any]]
Told = Literal["nothing", "rate", "transition"]


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

    def epoch(self, networks: Sequence[str], objective: Objective = PLAIN) -> tuple[float, int]:
        """Train a network, or networks that select images together, on every batch of the epoch.

        Returns:
            The summed loss of all images and the number of correct predictions of the first of
            these networks, both measured before the step that uses the image.
        """

    def predict(self, network: str, part: slice = EVERY_IMAGE) -> NDArray[np.float32]:
        """Return the logits of the images that the run learns from, or of a part of them, N×K.

        Without augmentation, and with the weights that would be kept.
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
    of_single_images: ClassVar[bool] = False
    """Whether a step depends on which image it sees, so that images cannot be mixed."""
    selects: ClassVar[bool] = False
    """Whether the objectives have a ``selection``."""

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

    def objective(self, state: Arrays, done: int, epochs: int) -> Objective:  # noqa: ARG002
        """Return what the next epoch minimizes.

        Args:
            state: The arrays of :meth:`state` after the previous epoch.
            done: Finished epochs.
            epochs: All epochs of the recipe.
        """
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
        objective = self.objective(state, steps.done, steps.epochs)
        score = steps.epoch(self.networks, objective)
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
