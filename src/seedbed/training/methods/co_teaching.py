"""Co-teaching."""

from typing import ClassVar, Literal

from seedbed.training.methods.selection import SmallestLosses
from seedbed.training.objective import Selection


class CoTeaching(SmallestLosses):
    """Two networks; each learns from the images whose loss is smallest for the *other* one.

    Han et al. 2018, "Co-teaching: Robust Training of Deep Neural Networks with Extremely Noisy
    Labels", algorithm 1. The first network predicts and is kept.
    """

    networks: ClassVar = ("network", "peer")

    method: Literal["co-teaching"] = "co-teaching"

    def selection(self, keep: float, progress: float) -> Selection:  # noqa: ARG002
        """Exchange the smallest losses."""
        return Selection("peer", keep)
