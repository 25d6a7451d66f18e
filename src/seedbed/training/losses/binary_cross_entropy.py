"""Binary cross-entropy."""

from typing import ClassVar, Literal

import numpy as np

from seedbed.training.losses.base import Floats, Loss


class BinaryCrossEntropy(Loss):
    """-Σ t log s + (1 - t) log (1 - s), with s the sigmoid of the logit.

    Each class against the rest. As ``torch.nn.BCEWithLogitsLoss``, summed over the classes. For
    single labels: Wightman, Touvron and Jégou 2021, "ResNet strikes back", section 2.2.
    """

    known_as: ClassVar = ("bce", "sigmoid", "one-against-rest")

    name: Literal["binary-cross-entropy"] = "binary-cross-entropy"

    def per_image(self, logits: Floats, targets: Floats) -> Floats:
        # The same without overflow.
        terms = np.maximum(logits, 0) - logits * targets + np.log1p(np.exp(-np.abs(logits)))
        return np.asarray(terms.sum(axis=1))

    def gradient(self, logits: Floats, targets: Floats) -> Floats:
        # The sigmoid, without overflow.
        return (1 + np.tanh(logits / 2)) / 2 - targets
