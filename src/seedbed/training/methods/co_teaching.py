"""Co-teaching."""

from typing import ClassVar, Literal

from seedbed.training.methods.base import Batch, Steps
from seedbed.training.methods.selection import Logits, Selection, smallest


class CoTeaching(Selection):
    """Two networks; each learns from the images whose loss is smallest for the *other* one.

    Han et al. 2018, "Co-teaching: Robust Training of Deep Neural Networks with Extremely Noisy
    Labels", algorithm 1. The first network predicts and is kept.
    """

    networks: ClassVar = ("network", "peer")

    method: Literal["co-teaching"] = "co-teaching"

    def learn(self, steps: Steps, batch: Batch, logits: Logits, keep: float) -> None:
        """Exchange the smallest losses."""
        teach(steps, batch, logits, keep)


def teach(steps: Steps, batch: Batch, logits: Logits, keep: float) -> None:
    """Train both networks, each on the smallest losses of the other one."""
    chosen = {
        name: smallest(steps.losses(of_images, batch.labels), keep)
        for name, of_images in logits.items()
    }
    for name, other in (("network", "peer"), ("peer", "network")):
        steps.step(name, batch[chosen[other]])
