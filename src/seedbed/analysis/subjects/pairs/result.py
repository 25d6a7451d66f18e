"""The most confused pairs of classes; classes go by their names."""

from typing import Final

import msgspec

TOP: Final = 3
"""So many most confused pairs are looked at in resampled runs."""


class PairImage(msgspec.Struct, frozen=True):
    """A test image behind a confused pair."""

    index: int
    """In the test split, from 0."""
    name: str | None
    """What users call the image; ``None`` where that is not known."""
    hash: str | None
    """Of its content; ``None`` where that is not known."""
    probability: float | None
    """Of the predicted class: the mean over the runs that predict it; ``None`` without scores."""
    n_wrong: int
    """How many runs misclassify it, as any class."""


class ConfusedPair(msgspec.Struct, frozen=True):
    """A true class and the class that it is predicted as."""

    true: str
    predicted: str
    rate: float
    """Fraction of the true class's images, mean over the runs."""
    images: tuple[PairImage, ...]
    """First those that most runs confuse in this way, then by confidence."""
    in_top: int | None = None
    """In how many of 100 resampled sets of runs it is among the three most confused pairs; ``None``
    for fewer than three runs. See :mod:`seedbed.analysis.statistics.resampling`."""


class ConfusedImage(msgspec.Struct, frozen=True):
    """A test image behind two classes that are confused with each other."""

    index: int
    """In the test split, from 0."""
    name: str | None
    """What users call the image; ``None`` where that is not known."""
    hash: str | None
    """Of its content; ``None`` where that is not known."""
    true: str
    predicted: str
    probability: float | None
    """Of the predicted class: the mean over the runs that predict it; ``None`` without scores."""
    n_wrong: int
    """How many runs misclassify it, as any class."""


class MergedPair(msgspec.Struct, frozen=True):
    """Two classes that are confused with each other, in either direction."""

    classes: tuple[str, str]
    """First the one that is more often predicted as the other."""
    rate: float
    """Fraction of the images of both classes predicted as the other, mean over the runs."""
    rates: tuple[float, float]
    """Of the first class predicted as the second, and of the second as the first."""
    images: tuple[ConfusedImage, ...]
    """Of both directions, in the same order as those of a :class:`ConfusedPair`."""


class CellImages(msgspec.Struct, frozen=True):
    """The images behind one cell of the confusion matrix, off its diagonal; M of them."""

    true: str
    predicted: str
    index: tuple[int, ...]
    """In the test split: first those that most runs misclassify, then those that most runs confuse
    in this way, then by confidence."""
    name: tuple[str | None, ...]
    """What users call each image; ``None`` where that is not known."""
    probability: tuple[float, ...] | None
    """Of the predicted class: means over the runs that predict it; ``None`` without scores."""
    n_wrong: tuple[int, ...]
    """How many runs misclassify each, as any class."""


class Pairs(msgspec.Struct, frozen=True):
    """The most confused pairs of classes, by rate; those that never occur are left out."""

    top_pairs: tuple[ConfusedPair, ...]
    merged_pairs: tuple[MergedPair, ...]
    confused_images: tuple[CellImages, ...]
    shared_top_pairs: float | None = None
    """How many of the three most confused pairs two sets of as many runs are expected to share;
    ``None`` for fewer than three runs."""
