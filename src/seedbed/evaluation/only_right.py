"""Which test images one network gets right and every other gets wrong.

A network gets an image right where most of its runs do, and wrong where most of its runs do that:
more than half of them. So luck of a single run is not taken for a strength of its network.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.errors import DataError


@dataclass(frozen=True, eq=False)
class OnlyRight:
    """The M test images that one network gets right, and every other one wrong.

    First come those of which it is surest: where the smallest part of its own runs is wrong, and
    the largest part of the others' (of that network with the fewest such runs).
    """

    index: NDArray[np.int64]
    """M places in the test split, from 0."""
    always: int
    """Of how many all its runs are right, and all runs of the others wrong."""


def only_right(wrong_in: Sequence[NDArray[np.int64]], runs: Sequence[int]) -> tuple[OnlyRight, ...]:
    """Return, for each of several networks, the images that it alone gets right.

    Args:
        wrong_in: For each network, in how many of its runs each of N test images is wrong.
        runs: How many runs each network has, at least one.

    Raises:
        DataError: If there are fewer than two networks, or they are not of the same images.

    """
    if len(wrong_in) < 2 or len(wrong_in) != len(runs):
        raise DataError(
            f"{len(wrong_in)} networks with {len(runs)} numbers of runs",
            expected="two networks or more",
        )
    if len({len(each) for each in wrong_in}) > 1:
        raise DataError("the networks have other numbers of test images", expected="the same ones")
    parts = np.stack([each / count for each, count in zip(wrong_in, runs, strict=True)])
    found = []
    for network, own in enumerate(parts):
        others = np.delete(parts, network, axis=0).min(axis=0)
        chosen = np.flatnonzero((own < 0.5) & (others > 0.5))
        order = chosen[np.lexsort((chosen, -others[chosen], own[chosen]))]
        always = np.count_nonzero((own[chosen] == 0) & (others[chosen] == 1))
        found.append(OnlyRight(order, int(always)))
    return tuple(found)
