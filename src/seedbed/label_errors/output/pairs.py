"""What stands behind suspicious labels: pairs of classes, and images that look the same."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from seedbed.data.check.inspection import inspect_dataset
from seedbed.data.check.near import near_duplicates
from seedbed.label_errors.result import LabelAudit, Row

MOST_IMAGES: Final = 20_000
"""Of more images, near duplicates are not searched; ``seedbed data check`` does it."""


@dataclass(frozen=True)
class ClassPair:
    """Labels that may have been given in place of another class."""

    given: int
    suggested: int
    expected_wrong: float
    """The sum of ``p_wrong`` over these labels."""
    labels: int
    """How many labels the given class has."""
    rows: tuple[Row, ...]
    """The finds among them, most suspicious first."""


def class_pairs(audit: LabelAudit) -> list[ClassPair]:
    """Return the pairs of classes with finds, the one with most wrong labels first.

    Many wrong labels in one pair are a systematic mistake.
    """
    classes = len(audit.class_names)
    expected, labels = np.zeros((classes, classes)), np.zeros(classes, np.int64)
    for of in audit.splits:
        given = of.predictions.given
        np.add.at(expected, (given, of.scores.suggested), of.scores.p_wrong)
        labels += np.bincount(given, minlength=classes)
    rows: dict[tuple[int, int], list[Row]] = {}
    for row in audit.rows(audit.finds.count):
        rows.setdefault((row.given, row.suggested), []).append(row)
    pairs = [
        ClassPair(given, other, float(expected[given, other]), int(labels[given]), tuple(found))
        for (given, other), found in rows.items()
    ]
    return sorted(pairs, key=lambda pair: -pair.expected_wrong)


def hardly_told_apart(audit: LabelAudit, most: int = 5) -> list[tuple[int, int, float]]:
    """Return the pairs of classes that networks confuse most, and how often.

    The figure is the mean probability, by the networks, of one class for images that are labeled
    with the other, both ways; 0 to 1. Wrong labels and images that look alike both raise it.
    """
    first = audit.splits[0].predictions
    classes = len(audit.class_names)
    sums = np.zeros((classes, classes))
    np.add.at(sums, first.given, first.mean)
    means = sums / np.maximum(np.bincount(first.given, minlength=classes), 1)[:, None]
    both = np.triu((means + means.T) / 2, 1)
    order = np.argsort(-both, axis=None, kind="stable")[:most]
    places = [divmod(int(place), classes) for place in order]
    return [(i, j, float(both[i, j])) for i, j in places if both[i, j] > 0]


def same_look(audit: LabelAudit) -> list[tuple[Row, Row]] | None:
    """Return pairs of images that look the same and have different labels.

    Returns:
        ``None`` if there are too many images to search.
    """
    if len(audit.order) > MOST_IMAGES:
        return None
    rows = [Row(of, index) for of in audit.splits for index in range(len(of.predictions.given))]
    looks = [
        image for of in audit.splits for image in inspect_dataset(of.predictions.images, of.name)
    ]
    partners = near_duplicates(
        np.array([image.look for image in looks], np.uint64),
        np.stack([image.thumbnail for image in looks if image.thumbnail is not None]),
        np.zeros(len(looks), np.int64),
        across=False,
    )
    return [
        (rows[earlier], rows[later])
        for later, earlier in sorted(partners.items())
        if rows[earlier].given != rows[later].given
    ]
