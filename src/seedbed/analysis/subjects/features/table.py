"""The table of features: how well clusters agree with the classes."""

from collections.abc import Sequence
from typing import Final

import msgspec

from seedbed.analysis.captions import SAME, identity, notes_of, same_values, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.features.result import feature_space
from seedbed.display.formatters import NONE, percent, percent_spread, spread
from seedbed.display.table import Report, Table

AGREEMENTS: Final = ("adjusted_rand", "mutual_information")


def features_table(entries: Sequence[Entry]) -> Report:
    """Return a row for each configuration."""
    spaces = [feature_space(each) for each in entries]
    images = max((each.images for each in spaces if each), default=0)
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
        tuple(line for each in entries for line in _lines(each)),
        [
            identity(entry) | {"feature_space": msgspec.to_builtins(space)}
            for entry, space in zip(entries, spaces, strict=True)
        ],
        study_notes(entries),
    )


def _row(entry: Entry) -> tuple[str, ...]:
    found = feature_space(entry)
    accuracy = percent_spread(entry["test_accuracy"])
    if found is None:
        return (entry["label"], str(entry["n"]), NONE, NONE, NONE, accuracy)
    return (
        entry["label"],
        str(found.adjusted_rand.n),
        spread(found.adjusted_rand, 3),
        spread(found.mutual_information, 3),
        percent(sum(found.explained), 1),
        accuracy,
    )


def _lines(entry: Entry) -> list[tuple[object, ...]]:
    """Return a line for each run; the components are the mean over the runs."""
    found = feature_space(entry)
    if found is None:
        return []
    runs = zip(found.seeds, found.adjusted_rand.runs, found.mutual_information.runs, strict=True)
    return [
        (*same_values(entry), seed, found.images, *both, *found.explained) for seed, *both in runs
    ]
