"""The predictions of one run on the test split: for each image, a label and a score for each class.

They may come from a stored run or from any other tool.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seedbed.analysis.prediction_files.kinds import (
    LARGEST,
    SAY_KIND,
    TOLERANCE,
    Kind,
    kind_of,
    sum_bounds,
    usable,
)
from seedbed.core.errors import DataError
from seedbed.data.images import ImageIdentities


@dataclass(frozen=True, eq=False)
class Predictions:
    """The scores that one run gives to N test images, and their labels.

    The arrays are made read-only.

    Args:
        scores: Floating point, N×K: a row for each image, a column for each class.
        labels: Integers, N, each from 0 to K - 1.
        class_names: K names, all different, in the order of the columns.
        kind: ``"logits"``, to which a softmax is still to be applied, ``"probabilities"``, or
            ``"labels"``: the scores are one-hot rows of the predicted classes, and say no more.
        images: Which image each row is of; ``None`` if that is not known.

    Raises:
        DataError: If the arrays do not have these types, shapes or values, or do not fit.

    """

    scores: NDArray[np.floating]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    kind: Kind = "logits"
    images: ImageIdentities | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise DataError(
                f"scores are of the kind {self.kind!r}", expected=" or ".join(get_args(Kind))
            )
        scores, labels = np.asarray(self.scores).view(), np.asarray(self.labels)
        names = tuple(map(str, self.class_names))
        _check_scores(scores, len(names))
        _check_labels(labels, *scores.shape)
        if len(set(names)) < len(names):
            repeated = next(name for name in names if names.count(name) > 1)
            raise DataError(f"two classes have the name {repeated!r}")
        if self.kind == "probabilities":
            _check_probabilities(scores)
        elif self.kind == "labels" and not _is_one_hot(scores):
            raise DataError("the predicted labels are not one-hot", expected="a single 1 a row")
        if self.images is not None:
            _check_identities(self.images, len(labels))
        labels = labels.astype(np.int64)
        for array in (scores, labels):
            array.flags.writeable = False
        for field, value in (("scores", scores), ("labels", labels), ("class_names", names)):
            object.__setattr__(self, field, value)

    @classmethod
    def from_scores(cls, scores: ArrayLike, labels: ArrayLike, class_names: Sequence[str]) -> Self:
        """Return predictions from scores of unknown kind.

        Rows that sum to 1 are probabilities, and rows that sum to 100 are percent, as closely as
        their rounding allows; others are logits.

        Raises:
            DataError: As the class does, or if all scores are from 0 to 1 and do not sum to 1.

        """
        array = np.asarray(scores)
        if array.dtype.kind in "iu":  # A file of whole numbers.
            array = array.astype(np.float64)
        if array.dtype.kind != "f":
            return cls(array, np.asarray(labels), tuple(class_names))
        known = kind_of(array)
        if known.divisor != 1:
            array = array / known.divisor
        return cls(array, np.asarray(labels), tuple(class_names), known.kind)

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def has_scores(self) -> bool:
        """Whether more is known than the predicted classes; without, there is no ROC curve."""
        return self.kind != "labels"

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """float64, N×K: the softmax of logits, or the given probabilities."""
        result: NDArray[np.float64] = self.scores.astype(np.float64)
        if self.kind == "logits":
            # Shifted so that nothing overflows.
            result = np.exp(result - result.max(axis=1, keepdims=True))
            result /= result.sum(axis=1, keepdims=True)
        result.flags.writeable = False
        return result

    @cached_property
    def predicted(self) -> NDArray[np.int64]:
        """int64, N: the class with the highest score; of equal scores the first."""
        result: NDArray[np.int64] = self.scores.argmax(axis=1).astype(np.int64)
        result.flags.writeable = False
        return result

    def name(self, index: int) -> str | None:
        """Return what users call the image of a row; ``None`` if that is not known."""
        return None if self.images is None else str(self.images.names[index])

    def content_hash(self, index: int) -> str | None:
        """Return the content hash of the image of a row; ``None`` if it is not known."""
        return (None if self.images is None else str(self.images.hashes[index])) or None

    @property
    def confidences(self) -> NDArray[np.float64]:
        """float64, N: the probability of the predicted class."""
        result: NDArray[np.float64] = self.probabilities[np.arange(len(self)), self.predicted]
        return result

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """bool, N: which images are misclassified."""
        result: NDArray[np.bool_] = self.predicted != self.labels
        return result

    @property
    def accuracy(self) -> float:
        """The fraction of correctly classified images, 0 to 1."""
        return float(np.mean(~self.wrong))

    @cached_property
    def losses(self) -> NDArray[np.float64]:
        """float64, N: the cross-entropy of each image in nats.

        A probability of 0 counts as the smallest step of float64 at 1 (2.2e-16), as in
        ``sklearn.metrics.log_loss``, so that every loss is finite.
        """
        images = np.arange(len(self))
        if self.kind == "logits":
            # Not the logarithm of the label's probability, which may have become 0. That of the
            # predicted class, whose logit is the highest, is 1 / K at least.
            logits = self.scores.astype(np.float64)
            gap = logits[images, self.predicted] - logits[images, self.labels]
            result: NDArray[np.float64] = gap - np.log(self.confidences)
        else:
            given = self.probabilities[images, self.labels]
            result = -np.log(np.maximum(given, np.finfo(np.float64).eps))
        result.flags.writeable = False
        return result


def align(runs: Sequence[Predictions], names: Sequence[str]) -> list[Predictions]:
    """Return runs with their rows in the order of the first one that names its images.

    An image is the same if its name is, and its content hash where both runs have one. Runs whose
    hashes agree row by row are of the same images even if files have been renamed since: they get
    the names of the first.

    Args:
        runs: At least one.
        names: What the user calls them.

    Raises:
        DataError: If they have different images, labels or classes; or if a run does not name its
            images, and others have theirs in different orders.
    """
    first = next((place for place, run in enumerate(runs) if run.images is not None), None)
    if first is None:
        check_same_images(runs, names)
        return list(runs)
    aligned = []
    moved = None
    for name, run in zip(names, runs, strict=True):
        rows = None if run.images is None else _rows(run, name, runs[first], names[first])
        if rows is not None:
            moved = moved or name
            run = replace(run, scores=run.scores[rows], labels=run.labels[rows])
        # A run that is the same keeps what was computed of it.
        same = run.images is None or run.images is runs[first].images
        aligned.append(run if same else replace(run, images=runs[first].images))
    for name, run in zip(names, runs, strict=True):
        if run.images is None and moved:
            raise DataError(
                f"{name} does not say which images its rows are of, and the rows of {moved} are "
                f"in another order than those of {names[first]}",
                expected="image names in all runs",
            )
    check_same_images(aligned, names)
    return aligned


def check_same_images(runs: Sequence[Predictions], names: Sequence[str] | None = None) -> None:
    """Reject runs that do not have the same images in the same order, and the same classes.

    Args:
        runs: At least one; :func:`align` puts runs into the same order.
        names: What the user calls them; by default ``run 1`` and so on.

    Raises:
        DataError: If they have not, or if there are no runs.

    """
    if not runs:
        raise DataError("there are no runs to evaluate", expected="the predictions of at least one")
    first = runs[0]
    names = names or [f"run {number}" for number in range(1, len(runs) + 1)]
    for name, run in zip(names, runs, strict=True):
        if run.class_names != first.class_names:
            raise DataError(
                f"{name} has other classes than {names[0]}",
                expected="the same class names in the same order",
            )
        named = run.images is not None and first.images is not None
        if named and _rows(run, name, first, names[0]) is not None:
            raise DataError(
                f"{name} has its images in another order than {names[0]}",
                expected="the same order",
            )
        if not np.array_equal(run.labels, first.labels):
            raise DataError(
                f"{name} has other labels than {names[0]}",
                expected="runs of one configuration, on the same test images in the same order",
            )


def _rows(
    run: Predictions, name: str, first: Predictions, first_name: str
) -> NDArray[np.int64] | None:
    """Return in which rows a run has the images of the first, ``None`` if in the same.

    Raises:
        DataError: If it has other images.
    """
    images, wanted = run.images, first.images
    assert images is not None
    assert wanted is not None
    if images is wanted:
        return None
    hashed = not ((images.hashes == "").any() or (wanted.hashes == "").any())
    # Files may have been renamed since; but copies of one image are told apart by their names only.
    renamed = hashed and np.array_equal(images.hashes, wanted.hashes)
    row_of = {image: row for row, image in enumerate(images.names.tolist())}
    missing = [image for image in wanted.names.tolist() if image not in row_of]
    added = len(images) - (len(wanted) - len(missing))
    if missing or added:
        if renamed:
            return None
        example = missing[0] if missing else min(row_of.keys() - set(wanted.names.tolist()))
        raise DataError(
            f"{name} has other test images than {first_name}: {len(missing):,} of {len(wanted):,} "
            f"are missing and {added:,} are added, for example {example!r}",
            expected="the same images, in any order",
        )
    rows = np.array([row_of[image] for image in wanted.names.tolist()])
    unlike = np.flatnonzero(images.hashes[rows] != wanted.hashes) if hashed else rows[:0]
    if len(unlike):
        if renamed:
            return None
        raise DataError(
            f"{name} has other test images than {first_name}: {len(unlike):,} of {len(wanted):,} "
            f"have the same name and another content, such as {str(wanted.names[unlike[0]])!r}",
            expected="the same images, in any order",
        )
    return None if np.array_equal(rows, np.arange(len(rows))) else rows


def _check_identities(images: ImageIdentities, rows: int) -> None:
    if not len(images.names) == len(images.hashes) == rows:
        raise DataError(
            f"{len(images.names)} image names and {len(images.hashes)} hashes for the scores of "
            f"{rows} images",
            expected="one of each for each image",
        )
    if len(set(images.names.tolist())) < rows:
        listed, counts = np.unique(images.names, return_counts=True)
        name, count = str(listed[counts > 1][0]), int(counts[counts > 1][0])
        raise DataError(
            f"the image {name!r} occurs {count} times", expected="one row for each image"
        )


def _check_scores(scores: NDArray[np.floating], classes: int) -> None:
    if scores.dtype.kind != "f":
        raise DataError(f"scores are {scores.dtype}", expected="floating point, N×K")
    if scores.ndim != 2 or 0 in scores.shape:
        raise DataError(
            f"scores have the shape {scores.shape}",
            expected="N×K: a row an image, a column a class",
        )
    if scores.shape[1] != classes:
        raise DataError(
            f"scores have {scores.shape[1]} columns for {classes} classes",
            expected="one column for each class",
        )
    finite = np.isfinite(scores)
    if not finite.all():
        images = np.flatnonzero(~finite.all(axis=1))
        raise DataError(
            f"{_first(images)}: its scores hold NaN or infinity",
            expected="finite numbers",
        )
    if not (fitting := usable(scores)).all():
        images = np.flatnonzero(~fitting.all(axis=1))
        largest = np.abs(scores[images[0]]).max()
        raise DataError(
            f"{_first(images)}: it has a score of {largest:.3g}",
            expected=f"numbers up to {LARGEST:.3g}, which float32 can hold",
        )


def _check_labels(labels: NDArray[np.int64], images: int, classes: int) -> None:
    if labels.dtype.kind not in "iu" or labels.ndim != 1:
        raise DataError(
            f"labels are {labels.dtype} of shape {labels.shape}",
            expected="a one-dimensional array of integers",
        )
    if len(labels) != images:
        raise DataError(
            f"{len(labels)} labels for the scores of {images} images",
            expected="one label for each image",
        )
    outside = np.flatnonzero((labels < 0) | (labels >= classes))
    if len(outside):
        # A common mistake: every label is one too high.
        from_one = labels.min() == 1 and labels.max() == classes
        raise DataError(
            f"{_first(outside)}: its label is {labels[outside[0]]}, which is no class",
            expected=f"0 to {classes - 1}",
            hint="they seem to be counted from 1: subtract 1" if from_one else "",
        )


def _check_probabilities(scores: NDArray[np.floating]) -> None:
    outside = np.flatnonzero(((scores < 0) | (scores > 1 + TOLERANCE)).any(axis=1))
    if len(outside):
        raise DataError(
            f"{_first(outside)}: it has probabilities below 0 or above 1",
            hint=SAY_KIND,
        )
    sums = scores.sum(axis=1, dtype=np.float64)
    low, high = sum_bounds(scores)
    wrong = np.flatnonzero((sums < low) | (sums > high))
    if len(wrong):
        raise DataError(
            f"{_first(wrong)}: its probabilities sum to {sums[wrong[0]]:.6g}, not 1",
            expected="a softmax over the classes",
            hint=SAY_KIND,
        )


def _is_one_hot(scores: NDArray[np.floating]) -> bool:
    return bool(np.all((scores == 0) | (scores == 1)) and np.all(scores.sum(axis=1) == 1))


def _first(images: NDArray[np.integer]) -> str:
    """Return ``"image 7"``, or ``"image 7, the first of 12 images"``."""
    several = f", the first of {len(images)} images" if len(images) > 1 else ""
    return f"image {images[0]}{several}"
