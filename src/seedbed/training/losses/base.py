"""The loss contract: a formula and its gradient for the logits of an image, with parameters.

A loss is one file: subclass :class:`ProbabilityLoss` for a sum over class probabilities,
:class:`LogProbabilityLoss` for another formula of the softmax, or else :class:`Loss`, and add the
class to :data:`seedbed.training.losses.registry.LOSSES`. The methods define the loss in float64
NumPy, and the engines are tested against them. The PyTorch engine trains with ``value``; the native
engine has a kernel of the same name (``native/losses``).
"""

from abc import ABC, abstractmethod
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from seedbed.core.named import Named

Floats: TypeAlias = NDArray[np.float64]
Array: TypeAlias = Any
"""A NumPy array or a PyTorch tensor; both have operators, ``abs()`` and ``clip(min)``."""

TINY: Final = 1.17549435e-38
"""The smallest normal float32, a lower bound for probabilities in a logarithm."""


class Loss(Named, ABC):
    """The loss of an image, a function of its logits z and its target row t, which sums to 1.

    The loss applies the softmax or the sigmoid, not the network. Parameters are fields.
    """

    name: str = ""
    """In study files and in records; a ``Literal`` in every loss."""

    @abstractmethod
    def per_image(self, logits: Floats, targets: Floats) -> Floats:
        """Return the loss of each image.

        Args:
            logits: N×K.
            targets: N×K, rows that sum to 1.

        Returns:
            N.
        """

    @abstractmethod
    def gradient(self, logits: Floats, targets: Floats) -> Floats:
        """Return the derivative of each image's loss with respect to its logits, N×K."""


class ProbabilityLoss(Loss):
    """A loss that is a sum over the classes, of a function of the probability p and the target t.

    p is the softmax of the logits. With a transition matrix T (K×K, rows sum to 1) it is
    ``softmax(z) @ T``, the probability of each noisy label: the forward correction of Patrini et
    al. (2017, "Making Deep Neural Networks Robust to Label Noise", section 3.2).
    """

    @abstractmethod
    def value(self, p: Array, t: Array) -> Array:
        """Return the term of each class, finite and with a finite derivative even for p = 0.

        It must use only :func:`log` and operations that NumPy arrays and PyTorch tensors share.
        """

    @abstractmethod
    def slope(self, p: Floats, t: Floats) -> Floats:
        """Return the derivative of :meth:`value` with respect to p."""

    def per_image(
        self, logits: Floats, targets: Floats, transition: Floats | None = None
    ) -> Floats:
        p = softmax(logits)
        observed = p if transition is None else p @ transition
        terms: Floats = self.value(observed, targets)
        return np.asarray(terms.sum(axis=1))

    def gradient(self, logits: Floats, targets: Floats, transition: Floats | None = None) -> Floats:
        p = softmax(logits)
        if transition is None:
            slope = self.slope(p, targets)
        else:
            slope = self.slope(p @ transition, targets) @ transition.T
        return np.asarray(p * (slope - (slope * p).sum(axis=1, keepdims=True)))


class LogProbabilityLoss(Loss):
    """A loss that is a function of the logarithms of all class probabilities of an image."""

    @abstractmethod
    def value(self, log_p: Array, t: Array) -> Array:
        """Return the loss of each image, N, of N×K logarithms and targets.

        It must use only :func:`exp`, :func:`most_probable` and operations that NumPy arrays and
        PyTorch tensors share.
        """

    def per_image(self, logits: Floats, targets: Floats) -> Floats:
        return np.asarray(self.value(log_softmax(logits), targets))


def log_softmax(logits: Floats) -> Floats:
    """Return the logarithm of the softmax of each row."""
    # With the largest logit at 0, no exponential overflows and the sum is at least 1.
    shifted = logits - logits.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


def softmax(logits: Floats) -> Floats:
    """Return the softmax of each row."""
    return np.exp(log_softmax(logits))


def log(p: Array) -> Array:
    """Return the logarithm of probabilities, clipped below at :data:`TINY`."""
    clipped = p.clip(TINY)
    return np.log(clipped) if isinstance(clipped, np.ndarray) else clipped.log()


def exp(log_p: Array) -> Array:
    """Return probabilities from their logarithms."""
    return np.exp(log_p) if isinstance(log_p, np.ndarray) else log_p.exp()


def most_probable(log_p: Array) -> Array:
    """Return 1 for the most probable class of each row, the first of several, and 0 for others."""
    if isinstance(log_p, np.ndarray):
        return one_hot(log_p.argmax(axis=1), log_p.shape[1])
    return log_p.new_zeros(log_p.shape).scatter(1, log_p.argmax(1)[:, None], 1.0)


def one_hot(labels: NDArray[np.int64], classes: int) -> Floats:
    """Return the N×K target rows of N labels."""
    rows = np.zeros((len(labels), classes))
    rows[np.arange(len(labels)), labels] = 1
    return rows
