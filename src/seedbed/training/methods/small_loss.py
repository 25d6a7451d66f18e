"""Small-loss selection with one network."""

from typing import Literal

from seedbed.training.methods.selection import SmallestLosses
from seedbed.training.objective import Selection


class SmallLoss(SmallestLosses):
    """Learns from the images of each batch whose loss is smallest.

    One network that selects for itself, the baseline of Han et al. 2018 ("Co-teaching", section 3);
    as in self-paced learning (Kumar et al. 2010).
    """

    method: Literal["small-loss"] = "small-loss"

    def selection(self, keep: float, progress: float) -> Selection:  # noqa: ARG002
        """Keep the smallest losses."""
        return Selection("own", keep)
