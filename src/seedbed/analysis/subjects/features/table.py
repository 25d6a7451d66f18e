"""The table of features: how well clusters agree with the classes."""

from collections.abc import Sequence
from typing import Final

import msgspec

from seedbed.analysis.captions import SAME, identity, notes_of, same_values, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.features.result import feature_space
from seedbed.display.formatters import NONE, flattened, percent, percent_spread, spread
from seedbed.display.table import Report, Table

AGREEMENTS: Final = ("adjusted_rand", "mutual_information")


def features_table(entries: Sequence[Entry]) -> Report:
    """Return a row for each configuration."""
    spaces = [feature_space(entry) for entry in entries]
    images = max((space.images for space in spaces if space), default=0)
    table = Table(
        title(entries, "features: clusters and classes"),
        (
            "configuration",
            "n",
            "adjusted Rand index",
            "normalized mutual information",
            "variance in 3 components",
            "test accuracy",
        ),
        (tuple(map(_row, entries)),),
        (
            f"Features are the inputs of the last layer, here of {images:,} test images. K-means "
            "finds as many clusters in them as there are classes, without the labels. An agreement "
            "of 1 means that clusters and classes are the same; the adjusted Rand index of chance "
            "is 0."
            if images
            else "The features are not known. `seedbed report` computes them from the weights.",
            *notes_of(entries),
        ),
    )
    return Report(
        (table,),
        (*SAME, "seed", "images", *AGREEMENTS, "component_1", "component_2", "component_3"),
        flattened(map(_lines, entries)),
        [
            identity(entry) | {"feature_space": msgspec.to_builtins(space)}
            for entry, space in zip(entries, spaces, strict=True)
        ],
        study_notes(entries),
    )


def _row(entry: Entry) -> tuple[str, ...]:
    header, space = entry.header, feature_space(entry)
    accuracy = percent_spread(accuracy_of(entry).test_accuracy)
    if space is None:
        return (header.label, str(header.n), NONE, NONE, NONE, accuracy)
    return (
        header.label,
        str(space.adjusted_rand.n),
        spread(space.adjusted_rand, 3),
        spread(space.mutual_information, 3),
        percent(sum(space.explained), 1),
        accuracy,
    )


def _lines(entry: Entry) -> list[tuple[object, ...]]:
    """Return a line for each run; the components are the mean over the runs."""
    space = feature_space(entry)
    if space is None:
        return []
    runs = zip(space.seeds, space.adjusted_rand.runs, space.mutual_information.runs, strict=True)
    return [
        (*same_values(entry), seed, space.images, *both, *space.explained) for seed, *both in runs
    ]
