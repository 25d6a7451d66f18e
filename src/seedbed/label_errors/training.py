"""How far the networks of an audit were trained, which decides what their predictions can tell.

An image that networks have not learned yet looks like one whose label is wrong. So a network that
was still improving finds wrong labels where there are none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from seedbed.training.engine import EpochRecord

IMPROVING: Final = 0.1
"""Late gain above which networks were still improving. The default recipes have 0.04 to 0.09."""
UNTRAINED: Final = 0.25
"""Late gain from which nothing can be said about labels: that of a network which learns as fast at
the end as on average, so the end of its training is not in sight."""


@dataclass(frozen=True)
class Training:
    """What the histories of the networks tell; means over networks."""

    memorized: float | None
    """Accuracy on given labels, trained minus held out."""
    late_gain: float
    """The accuracy that the last quarter of the training added, as a fraction of all accuracy above
    that of guessing. Measured while training, on augmented images."""

    @classmethod
    def of(cls, histories: Sequence[Sequence[EpochRecord]], classes: int) -> Self:
        """Return what the histories of one or more networks tell.

        Args:
            histories: Of one recipe, each of one epoch or more.
            classes: Their number.
        """
        last = [history[-1] for history in histories]
        gaps = [
            epoch.train_accuracy - epoch.validation_accuracy
            for epoch in last
            if epoch.train_accuracy is not None and epoch.validation_accuracy is not None
        ]
        chance = 1 / classes
        epochs = len(histories[0])
        curve = np.mean([[epoch.running_accuracy for epoch in of] for of in histories], axis=0)
        before = np.interp(0.75 * epochs, np.arange(epochs + 1), [chance, *curve])
        learned = float(curve[-1]) - chance
        gain = (float(curve[-1]) - float(before)) / learned if learned > 0 else 1.0
        return cls(float(np.mean(gaps)) if gaps else None, gain)

    @property
    def improving(self) -> bool:
        """Whether the networks were still improving."""
        return self.late_gain > IMPROVING

    @property
    def untrained(self) -> bool:
        """Whether their training was too short to say which labels are wrong, and how many."""
        return self.late_gain > UNTRAINED - 1e-9  # rounding: one epoch has exactly a quarter
