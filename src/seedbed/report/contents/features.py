"""How the features of networks lie in space: do they cluster by class, without having been told?"""

from collections.abc import Sequence
from typing import Final

from seedbed.analysis.captions import SAME, identity, notes_of, same_values, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.display.formatters import NONE, percent, percent_spread, spread
from seedbed.display.table import Report, Table

AGREEMENTS: Final = ("adjusted_rand", "mutual_information")


def features(entries: Sequence[Entry]) -> Report:
    """Return a row for each configuration whose feature space is known."""
    known = [each for each in entries if each["feature_space"]]
    images = max((each["feature_space"]["images"] for each in known), default=0)
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
            f"Features: what the last layer sees of {images:,} test images. K-means looks for as "
            "many clusters in them as there are classes, without the labels. Agreement with the "
            "classes is 1 where they are the same; by chance the adjusted Rand index is 0."
            if known
            else "The feature space is not known; `seedbed report` asks the stored weights.",
            *notes_of(entries),
        ),
    )
    return Report(
        (table,),
        (*SAME, "seed", "images", *AGREEMENTS, "component_1", "component_2", "component_3"),
        tuple(line for each in known for line in _lines(each)),
        [identity(each) | {"feature_space": each["feature_space"]} for each in entries],
        study_notes(entries),
    )


def _row(entry: Entry) -> tuple[str, ...]:
    found = entry["feature_space"]
    accuracy = percent_spread(entry["test_accuracy"])
    if found is None:
        return (entry["label"], str(entry["n"]), NONE, NONE, NONE, accuracy)
    return (
        entry["label"],
        str(found["adjusted_rand"]["n"]),
        *(spread(found[each], 3) for each in AGREEMENTS),
        percent(sum(found["explained"]), 1),
        accuracy,
    )


def _lines(entry: Entry) -> list[tuple[object, ...]]:
    """Return a line for each run; the components are the mean over the runs."""
    found = entry["feature_space"]
    runs = zip(*(found[each]["runs"] for each in AGREEMENTS), strict=True)
    return [
        (*same_values(entry), seed, found["images"], *both, *found["explained"])
        for seed, both in zip(found["seeds"], runs, strict=True)
    ]
