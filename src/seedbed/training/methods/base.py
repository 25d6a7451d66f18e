"""The method contract: what a training step does beyond the loss.

The training loop (:mod:`seedbed.training.run`) handles epochs, evaluation, checkpoints and the
selection of weights; an engine handles the arithmetic. A method defines:

* **State.** ``networks`` names its networks. Each has separate initial weights (the first has the
  same for all methods), optimizer state and weight average. :meth:`Method.state` creates other
  arrays: a row per training image, or a transition matrix. Checkpoints contain all of it, under
  ``<network>/...`` and ``method/...``, so runs resume bit for bit. A method must not keep state
  anywhere else, and draws only from streams with the run's seed for them.
* **Steps.** :meth:`Method.train_epoch` performs the steps of an epoch through :class:`Steps`, and
  changes its state in place. If it returns early because of ``steps.stopped``, the epoch does not
  count.
* **Prediction.** ``predicts`` names the network that is evaluated and kept.

A method is one file: subclass :class:`Method`, and add the class to
:data:`seedbed.training.methods.registry.METHODS`.

:class:`Steps` has what the existing methods need. Methods that work on single batches need three
more calls, which engines will implement together with the first such method:

* ``batches()`` yields the batches of the epoch in order: ``indices`` into the training split and
  ``labels``, with the augmentation and dropout masks of the epoch; ``batch[chosen]`` is a subset.
* ``logits(network, batch)`` returns the logits of the augmented images before the step.
* ``step(network, batch, targets, weights)`` performs one step of the optimizer, optionally with
  target rows and image weights, and returns the loss of each image.

Target rows are enough for any loss of the softmax p: its gradient g with respect to the logits sums
to 0, and that of cross-entropy is p - t for a row t that sums to 1, so t = p - g yields g.
``docs/architecture.md`` tries the contract on two methods.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from seedbed.core.named import Named
from seedbed.core.seeds import Seeds

Arrays = dict[str, NDArray[Any]]


class Steps(Protocol):
    """The operations that an engine offers a method in one epoch of a run."""

    @property
    def stopped(self) -> bool:
        """Whether to return early; the result is ignored then."""

    def epoch(self, network: str) -> tuple[float, int]:
        """Train a network on every batch of the epoch with the recipe's loss.

        Returns:
            The summed loss of the images and the number of correct predictions, both measured
            before the step that uses the image.
        """


class Method(Named, ABC):
    """A training method; its parameters are fields, and constant."""

    networks: ClassVar[tuple[str, ...]] = ("network",)
    """Names without a slash, other than ``best`` and ``method``."""
    predicts: ClassVar[str] = "network"
    """The network whose weights are evaluated and kept."""

    def state(self, labels: NDArray[np.int64], classes: int, seeds: Seeds) -> Arrays:  # noqa: ARG002
        """Return the initial arrays that the method keeps in addition to its networks.

        Args:
            labels: N, of the whole training split; noisy where the configuration has noise.
            classes: K.
            seeds: The run's.
        """
        return {}

    @abstractmethod
    def train_epoch(self, steps: Steps, state: Arrays) -> tuple[float, int]:
        """Train one epoch.

        Args:
            steps: The engine's operations.
            state: The arrays of :meth:`state` after the previous epoch, changed in place.

        Returns:
            The summed loss and the number of correct predictions of the predicting network.
        """
