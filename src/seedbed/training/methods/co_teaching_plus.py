"""Co-teaching+."""

from typing import ClassVar, Literal

from seedbed.core.settings import Fraction
from seedbed.training.methods.selection import SmallestLosses
from seedbed.training.objective import Selection


class CoTeachingPlus(SmallestLosses):
    """Co-teaching among the images for which the two networks predict different classes.

    Yu et al. 2019, "How does Disagreement Help Generalization against Label Corruption?", algorithm
    1. Batches without disagreement are skipped. The first network predicts and is kept.
    """

    networks: ClassVar = ("network", "peer")

    method: Literal["co-teaching-plus"] = "co-teaching-plus"
    warmup: Fraction = 0.1
    """The fraction of the epochs that are co-teaching among all images."""

    def selection(self, keep: float, progress: float) -> Selection:
        """Exchange the smallest losses of the images in dispute."""
        return Selection("peer", keep, disputed=progress >= self.warmup - 1e-9)
