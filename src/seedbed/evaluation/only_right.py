"""Which test images one network gets right and every other gets wrong.

A network gets an image right where most of its runs do, and wrong where most of its runs do that:
more than half of them. So luck of a single run is not taken for a strength of its network.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.entry import Entry
from seedbed.core.errors import DataError
from seedbed.evaluation.standing import Standing, standing


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


@dataclass(frozen=True)
class OnlyRightImage:
    """A test image that one network gets right, and every other one wrong."""

    index: int
    """In the test split, from 0."""
    true: int
    """Class of its label."""
    right_in: int
    """How many runs of the network are right."""
    others: tuple[tuple[int, int], ...]
    """Of each other network, in order: the wrong class that most of its runs predict, and how many
    of its runs are wrong."""


@dataclass(frozen=True)
class OnlyRightNetwork:
    """What one network alone gets right."""

    network: Standing
    others: tuple[Standing, ...]
    images: tuple[OnlyRightImage, ...]
    """The surest first, as :class:`seedbed.evaluation.only_right.OnlyRight` says."""
    always: int
    """Of how many all its runs are right, and all runs of the others wrong."""


def only_right(n_wrong: Sequence[NDArray[np.int64]], runs: Sequence[int]) -> tuple[OnlyRight, ...]:
    """Return, for each of several networks, the images that it alone gets right.

    Args:
        n_wrong: For each network, in how many of its runs each of N test images is wrong.
        runs: How many runs each network has, at least one.

    Raises:
        DataError: If there are fewer than two networks, or they are not of the same images.

    """
    if len(n_wrong) < 2 or len(n_wrong) != len(runs):
        raise DataError(
            f"{len(n_wrong)} networks with {len(runs)} numbers of runs",
            expected="two networks or more",
        )
    if len({len(each) for each in n_wrong}) > 1:
        raise DataError("the networks have other numbers of test images", expected="the same ones")
    parts = np.stack([each / count for each, count in zip(n_wrong, runs, strict=True)])
    found = []
    for network, own in enumerate(parts):
        others = np.delete(parts, network, axis=0).min(axis=0)
        chosen = np.flatnonzero((own < 0.5) & (others > 0.5))
        order = chosen[np.lexsort((chosen, -others[chosen], own[chosen]))]
        always = np.count_nonzero((own[chosen] == 0) & (others[chosen] == 1))
        found.append(OnlyRight(order, int(always)))
    return tuple(found)


def right_in_one(entries: Sequence[Entry]) -> tuple[OnlyRightNetwork, ...]:
    """Return what each network of a study alone gets right; nothing, where there is one network."""
    found = standing(entries)
    if len(found) < 2:
        return ()
    errors = [each.entry["image_errors"] for each in found]
    images = found[0].entry["test_images"]
    dense = np.zeros((len(found), images), np.int64)
    said = np.zeros_like(dense)
    true = np.zeros(images, np.int64)
    for network, each in enumerate(errors):
        index = np.array(each["index"], np.int64)
        dense[network, index] = each["n_wrong"]
        said[network, index] = each["predicted"]
        true[index] = each["true"]
    runs = [each.entry["n"] for each in found]
    result = []
    for network, each in enumerate(only_right(list(dense), runs)):
        others = [other for other in range(len(found)) if other != network]
        shown = tuple(
            OnlyRightImage(
                int(index),
                int(true[index]),
                runs[network] - int(dense[network, index]),
                tuple((int(said[other, index]), int(dense[other, index])) for other in others),
            )
            for index in each.index
        )
        of = tuple(found[other] for other in others)
        result.append(OnlyRightNetwork(found[network], of, shown, each.always))
    return tuple(result)
