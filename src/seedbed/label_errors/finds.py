"""The finds: labels that are called wrong, so that a promised share of them is right at most."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from seedbed.label_errors.scores import ranking


@dataclass(frozen=True)
class Finds:
    """The most suspicious labels, up to a threshold."""

    fdr: float
    """The false discovery rate that was asked for: the fraction of finds whose label is right."""
    count: int
    threshold: float
    """The smallest ``p_wrong`` of a find; 1 if there is none."""
    expected_wrong: float
    """The expected number of finds whose label is wrong."""

    @classmethod
    def none(cls, fdr: float) -> Self:
        """Return that nothing is a find."""
        return cls(fdr, 0, 1.0, 0.0)


def find(p_wrong: NDArray[np.float64], self_confidence: NDArray[np.float64], fdr: float) -> Finds:
    """Return as many finds as keep the expected false discovery rate at or below ``fdr``.

    The expected number of right labels among the first m is the sum of their 1 - p_wrong (Efron et
    al. 2001, "Empirical Bayes analysis of a microarray experiment", section 5). The last of m finds
    has a p_wrong of 1/m at least: otherwise nine labels that are surely wrong would bring one that
    is surely right.
    """
    ordered = p_wrong[ranking(p_wrong, self_confidence)]
    right = np.cumsum(1 - ordered)
    count = np.arange(1, len(ordered) + 1)
    allowed = np.flatnonzero((right <= fdr * count) & (ordered * count >= 1))
    if not len(allowed):
        return Finds.none(fdr)
    last = int(allowed[-1])
    return Finds(fdr, last + 1, float(ordered[last]), float(ordered[: last + 1].sum()))
