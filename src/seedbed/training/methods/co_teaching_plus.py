"""Co-teaching+."""

from typing import ClassVar, Literal

import numpy as np

from seedbed.core.settings import Fraction
from seedbed.training.methods.base import Batch, Steps
from seedbed.training.methods.co_teaching import teach
from seedbed.training.methods.selection import Logits, Selection


class CoTeachingPlus(Selection):
    """Co-teaching among the images for which the two networks predict different classes.

    Yu et al. 2019, "How does Disagreement Help Generalization against Label Corruption?", algorithm
    1. Batches without disagreement are skipped. The first network predicts and is kept.
    """

    networks: ClassVar = ("network", "peer")

    method: Literal["co-teaching-plus"] = "co-teaching-plus"
    warmup: Fraction = 0.1
    """The fraction of the epochs that are co-teaching among all images."""

    def learn(self, steps: Steps, batch: Batch, logits: Logits, keep: float) -> None:
        """Exchange the smallest losses of the images in dispute."""
        if steps.done < self.warmup * steps.epochs - 1e-9:
            teach(steps, batch, logits, keep)
            return
        ours, theirs = logits["network"], logits["peer"]
        disputed = np.flatnonzero(ours.argmax(axis=1) != theirs.argmax(axis=1))
        if len(disputed):
            of_them = {name: of_images[disputed] for name, of_images in logits.items()}
            teach(steps, batch[disputed], of_them, keep)
