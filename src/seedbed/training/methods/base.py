"""The method contract: what a training step does beyond the loss.

The run loop (:mod:`seedbed.training.run`) owns epochs, evaluation, checkpoints and the choice of
the weights; an engine owns the arithmetic. A method stands between the two and answers three
questions:

* **What state does it keep?** ``networks`` names its networks: each gets initial weights of its
  own (the first those that any method would start from), its own optimizer state and weight
  average. :meth:`Method.state` makes any other arrays: a row for each training image, a transition
  matrix. All of it is in every checkpoint, under ``<network>/...`` and ``method/...``, so a run
  that is resumed goes on bit for bit. A method keeps nothing anywhere else, and draws nothing but
  from a stream with the run's seed for it.
* **What is a step?** :meth:`Method.train_epoch` takes the steps of one epoch by means of
  :class:`Steps`, and changes its state in place. Where it returns early because ``steps.stopped``,
  the epoch does not count.
* **Which weights predict?** ``predicts`` names the network that is measured and kept.

A method is one file: subclass :class:`Method`, and add the class to
:data:`seedbed.training.methods.registry.METHODS`.

:class:`Steps` has what existing methods need. One that looks into the epoch needs three more calls,
which engines get together with the first such method:

* ``batches()`` yields the epoch's batches in their order: ``indices`` into the training split and
  ``labels``, with the augmentation and the dropout masks of this epoch; ``batch[chosen]`` is a
  part.
* ``logits(network, batch)`` returns those of the augmented images, before the step.
* ``step(network, batch, targets, weights)`` takes one step of the optimizer, with target rows and
  weights for the images where the method has its own, and returns the loss of each image.

Target rows are enough for any loss of the softmax p: its gradient g by the logits sums to 0, that
of cross-entropy is p - t for a row t that sums to 1, and so t = p - g gives g.
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
    """What an engine does for a method in one epoch of one run."""

    @property
    def stopped(self) -> bool:
        """Whether to return early, with whatever numbers."""

    def epoch(self, network: str) -> tuple[float, int]:
        """Train a network on every batch of the epoch with the recipe's loss.

        Returns:
            The loss summed over the images, and how many of them were right, both before the step
            that they took part in.
        """


class Method(Named, ABC):
    """A way of training; its parameters are fields, and never change."""

    networks: ClassVar[tuple[str, ...]] = ("network",)
    """Their names, without a slash; not ``best`` or ``method``."""
    predicts: ClassVar[str] = "network"
    """Whose weights are measured and kept."""

    def state(self, labels: NDArray[np.int64], classes: int, seeds: Seeds) -> Arrays:  # noqa: ARG002
        """Return the arrays that the method keeps beside its networks, as they are at the start.

        Args:
            labels: Of the whole training split, noisy where the configuration has noise; N.
            classes: K.
            seeds: The run's.
        """
        return {}

    @abstractmethod
    def train_epoch(self, steps: Steps, state: Arrays) -> tuple[float, int]:
        """Train one epoch.

        Args:
            steps: What the engine does.
            state: What :meth:`state` returned, as the epoch before has left it; changed in place.

        Returns:
            The loss of the predicting network summed over the images, and how many were right.
        """
