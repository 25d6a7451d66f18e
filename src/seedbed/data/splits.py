"""Splitting a dataset that has no test split."""

from collections.abc import Mapping
from numbers import Real
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import DataError
from seedbed.core.seeds import stream
from seedbed.data.images import ImageDataset

TEST_FRACTION: Final = 0.2
"""The fraction of images in a test split that is drawn, by default."""
SPLIT_SEED: Final = 0
"""The seed that draws it, by default."""


def split(
    dataset: ImageDataset, test_fraction: float, seed: int
) -> tuple[ImageDataset, ImageDataset]:
    """Split a dataset into a training and a test split, stratified by class.

    In every class, the fraction, rounded, but at least one image, is drawn for the test split from
    the stream ``split`` of the seed. Both splits keep the order of the dataset. Groups stay whole,
    so the fraction is met about as nearly as they allow (:func:`deal`).

    Args:
        dataset: The images; every class needs two or more.
        test_fraction: The fraction of images in the test split, above 0 and below 1.
        seed: 0 or more.

    Returns:
        The training split and the test split.

    Raises:
        DataError: If the fraction or the seed is out of range, or there are too few images of a
            class, or too few groups.

    """
    if not isinstance(test_fraction, Real) or not 0 < test_fraction < 1:
        raise DataError(
            f"the test fraction is {test_fraction!r}", expected="a number above 0 and below 1"
        )
    if seed < 0:
        raise DataError(f"the split seed is {seed}", expected="0 or more")
    generator = stream(seed, "split")
    if dataset.groups is not None:
        parts = deal(
            dataset.labels, dataset.groups, {0: 1 - test_fraction, 1: test_fraction}, generator
        )
        return select(dataset, parts == 0), select(dataset, parts == 1)
    in_test = np.zeros(len(dataset), bool)
    for label, name in enumerate(dataset.class_names):
        members = np.flatnonzero(dataset.labels == label)
        if len(members) < 2:
            raise DataError(
                f"class {name!r} has {len(members)} image{'s' * (len(members) != 1)}",
                expected="two or more, one for each split",
            )
        count = min(max(round(len(members) * test_fraction), 1), len(members) - 1)
        in_test[generator.permutation(members)[:count]] = True
    return select(dataset, ~in_test), select(dataset, in_test)


def select(dataset: ImageDataset, images: NDArray[np.bool_] | NDArray[np.int64]) -> ImageDataset:
    """Return the images at a boolean mask or an array of indices."""
    return ImageDataset(
        dataset.images[images],
        dataset.labels[images],
        dataset.class_names,
        dataset.names[images],
        None if dataset.groups is None else dataset.groups[images],
    )


def deal(
    labels: NDArray[np.int64],
    groups: NDArray[np.str_],
    shares: Mapping[int, float],
    generator: np.random.Generator,
) -> NDArray[np.int64]:
    """Deal groups to parts, each of which should have its share of every class.

    The shuffled groups are dealt one after another, the largest first, to the part that lacks most
    of its share of their classes (as in ``sklearn.model_selection.StratifiedGroupKFold``). A part
    without images of a class then gets the last group dealt that has some, if another part can
    spare it: it must keep images of all classes of the group.

    Args:
        labels: N.
        groups: N.
        shares: Of each part, summing to 1.
        generator: Shuffles the groups.

    Returns:
        The part of each image, N.

    Raises:
        DataError: If a part has no images.
    """
    _, number = np.unique(groups, return_inverse=True)
    classes = np.bincount(labels)
    counts = np.zeros((number.max() + 1, len(classes)))
    np.add.at(counts, (number, labels), 1)
    wanted = np.array(list(shares.values()))[:, None] * classes
    dealt = np.zeros_like(wanted)
    order = generator.permutation(len(counts))
    order = order[np.argsort(-counts[order].sum(axis=1), kind="stable")]
    part_of = np.zeros(len(counts), np.int64)
    for group in order:
        present = counts[group] > 0
        weight = counts[group, present] / classes[present]
        lacks = (wanted[:, present] - dealt[:, present]) / classes[present]
        # Of equals, the part with the largest share.
        part = max(range(len(wanted)), key=lambda k: (lacks[k] @ weight, wanted[k].sum()))
        dealt[part] += counts[group]
        part_of[group] = part
    for part, label in np.argwhere(dealt == 0).tolist():
        for group in order[counts[order, label] > 0][::-1]:
            rest = dealt[part_of[group]] - counts[group]
            if not dealt[part, label] and rest[counts[group] > 0].all():
                dealt[part_of[group]] = rest
                dealt[part] += counts[group]
                part_of[group] = part
    if not dealt.any(axis=1).all():
        raise DataError(
            "too few groups have images of the same class, so they cannot be split",
            expected=f"{len(shares)} or more groups with images of each class",
        )
    return np.array(list(shares))[part_of[number]]
