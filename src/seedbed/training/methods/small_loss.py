"""Small-loss selection with one network."""

from typing import Literal

from seedbed.training.methods.base import Batch, Steps
from seedbed.training.methods.selection import Logits, Selection, smallest


class SmallLoss(Selection):
    """Learns from the images of each batch whose loss is smallest.

    One network that selects for itself, the baseline of Han et al. 2018 ("Co-teaching", section 3);
    as in self-paced learning (Kumar et al. 2010).
    """

    method: Literal["small-loss"] = "small-loss"

    def learn(self, steps: Steps, batch: Batch, logits: Logits, keep: float) -> None:
        """Train on the smallest losses."""
        losses = steps.losses(logits["network"], batch.labels)
        steps.step("network", batch[smallest(losses, keep)])
