"""The table of features: how well clusters agree with the classes."""

from collections.abc import Sequence
from typing import Final

import msgspec

from seedbed.analysis.captions import SAME, identity, notes_of, same_values, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.features.result import AGREEING, FeatureSpace, feature_space
from seedbed.display.formatters import NONE, percent, percent_spread, spread
from seedbed.display.table import Report, Table

COLUMNS: Final = (
    *("adjusted_rand", "adjusted_rand_std", "mutual_information", "mutual_information_std"),
    *("component_1", "component_2", "component_3"),
)


def features_table(entries: Sequence[Entry]) -> Report:
    """Return a row for each configuration."""
    spaces = [feature_space(entry) for entry in entries]
    images = max((space.images for space in spaces if space), default=0)
    table = Table(
        title(entries, "agreement of classes with clusters of features"),
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
            f"is 0. {_on_starts([space for space in spaces if space])}"
            if images
            else "The features are not known. `seedbed report` computes them from the weights.",
            *notes_of(entries),
        ),
    )
    return Report(
        (table,),
        (*SAME, "images", *COLUMNS),
        tuple(
            (
                *(*same_values(entry)[:-1], space.adjusted_rand.n, space.images),
                *(space.adjusted_rand.mean, space.adjusted_rand.std),
                *(space.mutual_information.mean, space.mutual_information.std),
                *space.explained,
            )
            for entry, space in zip(entries, spaces, strict=True)
            if space
        ),
        [
            identity(entry) | {"feature_space": msgspec.to_builtins(space)}
            for entry, space in zip(entries, spaces, strict=True)
        ],
        study_notes(entries),
    )


def _on_starts(spaces: Sequence[FeatureSpace]) -> str:
    """Say how often K-means started, and what the start alone would move."""
    starts = [count for space in spaces for count in space.starts]
    alone = [count for space in spaces for count in space.agreeing]
    largest = max(space.start_std for space in spaces)
    least, most = min(starts), max(starts)
    text = (
        f"K-means starts {least if least == most else f'{least} to {most}'} times, until the "
        "tightest clusters are found repeatedly; a single start would move the adjusted Rand index "
        f"of a run by a standard deviation of up to {largest:.3f}."
    )
    unstable = sum(count < AGREEING for count in alone)
    if unstable:
        runs = f"{unstable} of {len(alone)} runs"
        text += f" In {runs} they were not found repeatedly: another start may find tighter ones."
    return text


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
