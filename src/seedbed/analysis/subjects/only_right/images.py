"""Which test images one network gets right and every other gets wrong.

A network gets an image right if more than half of its runs do, and wrong if more than half of its
runs get it wrong. So the luck of a single run does not count as a strength of its network.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import Representative, representatives
from seedbed.analysis.subjects.image_errors import ImageErrorsOfRuns
from seedbed.core.errors import DataError


@dataclass(frozen=True, eq=False)
class OnlyRight:
    """The M test images that one network gets right, and every other one wrong.

    The clearest come first: those with the smallest fraction of wrong runs of this network, then
    with the largest fraction of wrong runs of the others (of the other network with the smallest).
    """

    index: NDArray[np.int64]
    """M indices in the test split, from 0."""
    always: int
    """How many of them all its runs get right, and all runs of the others wrong."""


@dataclass(frozen=True)
class OnlyRightImage:
    """A test image that one network gets right, and every other one wrong."""

    index: int
    """In the test split, from 0."""
    true: int
    """Class of its label."""
    right_in: int
    """How many runs of the network get it right."""
    others: tuple[tuple[int, int], ...]
    """For each other network, in order: the wrong class that most of its runs predict, and how many
    of its runs get it wrong."""


@dataclass(frozen=True)
class OnlyRightNetwork:
    """What one network alone gets right."""

    network: Representative
    others: tuple[Representative, ...]
    images: tuple[OnlyRightImage, ...]
    """The clearest first, as in :class:`OnlyRight`."""
    always: int
    """How many of them all its runs get right, and all runs of the others wrong."""


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
    if len({len(wrong) for wrong in n_wrong}) > 1:
        raise DataError(
            "the networks have different numbers of test images", expected="the same test images"
        )
    parts = np.stack([wrong / count for wrong, count in zip(n_wrong, runs, strict=True)])
    results = []
    for network, wrong in enumerate(parts):
        others = np.delete(parts, network, axis=0).min(axis=0)
        chosen = np.flatnonzero((wrong < 0.5) & (others > 0.5))
        order = chosen[np.lexsort((chosen, -others[chosen], wrong[chosen]))]
        always = np.count_nonzero((wrong[chosen] == 0) & (others[chosen] == 1))
        results.append(OnlyRight(order, int(always)))
    return tuple(results)


def right_in_one(entries: Sequence[Entry]) -> tuple[OnlyRightNetwork, ...]:
    """Return what each network of a study alone gets right; nothing if there is one network."""
    networks = [each for each in representatives(entries) if each.entry.view(ImageErrorsOfRuns)]
    if len(networks) < 2:
        return ()
    errors = [network.entry.view(ImageErrorsOfRuns) for network in networks]
    images = networks[0].entry.header.test_images or 0
    n_wrong = np.zeros((len(networks), images), np.int64)
    predicted = np.zeros_like(n_wrong)
    true = np.zeros(images, np.int64)
    for network, errors_of in enumerate(errors):
        if errors_of:
            wrong = errors_of.image_errors
            index = np.array(wrong.index, np.int64)
            n_wrong[network, index] = wrong.n_wrong
            predicted[network, index] = wrong.predicted
            true[index] = wrong.true
    runs = [network.entry.header.n for network in networks]
    only = []
    for network, result in enumerate(only_right(list(n_wrong), runs)):
        others = [other for other in range(len(networks)) if other != network]
        shown = tuple(
            OnlyRightImage(
                int(index),
                int(true[index]),
                runs[network] - int(n_wrong[network, index]),
                tuple(
                    (int(predicted[other, index]), int(n_wrong[other, index])) for other in others
                ),
            )
            for index in result.index
        )
        of = tuple(networks[other] for other in others)
        only.append(OnlyRightNetwork(networks[network], of, shown, result.always))
    return tuple(only)
