"""The classes that are confused most, and the images behind it."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from seedbed.analysis.captions import (
    SAME,
    identity,
    logits_notes,
    notes_of,
    same_values,
    study_notes,
    title,
)
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.pairs.result import (
    TOP,
    ConfusedImage,
    ConfusedPair,
    PairImage,
    Pairs,
)
from seedbed.display.formatters import NONE, flattened, percent, shortened
from seedbed.display.table import Report, Row, Table

IMAGES_SHOWN: Final = 3
RESAMPLES: Final = 100
"""As in :mod:`seedbed.analysis.statistics.resampling`, which needs NumPy."""
PAIRS_OF_MANY: Final = 3
"""Pairs of each configuration, where there are several."""
RATE: Final = "Confusion rate: fraction of the images of the true class"
IMAGES: Final = (
    "Images: name (mean probability of the predicted class, number of the n runs that misclassify "
    "the image)."
)


def pairs_table(entries: Sequence[Entry]) -> Report:
    """Return the most confused pairs, and the same with both directions counted together.

    The CSV file has the former only: one kind of row.
    """
    results = [(entry, entry.view(Pairs)) for entry in entries]
    known = [(entry, result) for entry, result in results if result]
    return Report(
        _of_one(*known[0]) if len(entries) == len(known) == 1 else (_of_many(results),),
        (*SAME, "true", "predicted", "rate", "in_top", "images"),
        flattened(_lines(entry, result) for entry, result in known),
        [
            identity(entry) | {key: entry[key] for key in ("top_pairs", "merged_pairs")}
            for entry in entries
        ],
        study_notes(entries),
    )


def _of_one(entry: Entry, result: Pairs) -> tuple[Table, ...]:
    n = entry.header.n
    return (
        Table(
            title([entry], "most confused pairs"),
            ("true", "predicted", "confusion rate", "in the top 3", "images"),
            (tuple(_cells(pair, n) for pair in result.top_pairs),),
            (
                f"{RATE}, mean over n = {n} {'run' if n == 1 else 'runs'}. {IMAGES}",
                *_on_stability([result], n),
                *logits_notes([entry], Pairs),
                *notes_of([entry]),
            ),
            text=(0, 1, 4),
        ),
        Table(
            title([entry], "most confused pairs, both directions together,"),
            ("classes A and B", "confusion rate, both", "A predicted as B", "B predicted as A"),
            (
                tuple(
                    (" and ".join(pair.classes), percent(pair.rate), *map(percent, pair.rates))
                    for pair in result.merged_pairs
                ),
            ),
        ),
    )


def _of_many(results: Sequence[tuple[Entry, Pairs | None]]) -> Table:
    groups = []
    for entry, result in results:
        pairs = result.top_pairs[:PAIRS_OF_MANY] if result else ()
        first, *others = [_cells(pair, entry.header.n) for pair in pairs] or [(NONE,) * 5]
        groups.append(((entry.header.label, *first), *(("", *cells) for cells in others)))
    entries = [entry for entry, _ in results]
    return Table(
        title(entries, "most confused pairs"),
        ("configuration", "true", "predicted", "confusion rate", "in the top 3", "images"),
        tuple(groups),
        (
            f"{RATE}, mean over the runs of each configuration. {IMAGES}",
            *_on_stability(
                [result for _, result in results if result], max(e.header.n for e in entries)
            ),
            *logits_notes(entries, Pairs),
            *notes_of(entries),
        ),
        text=(0, 1, 2, 5),
    )


def _cells(pair: ConfusedPair, n: int) -> Row:
    images = (
        f"{shortened(_named(image))} ({_confidence(image)}{image.n_wrong} of {n})"
        for image in pair.images[:IMAGES_SHOWN]
    )
    top = NONE if pair.in_top is None else f"{pair.in_top} of {RESAMPLES}"
    return (pair.true, pair.predicted, percent(pair.rate), top, ", ".join(images))


def _on_stability(results: Sequence[Pairs], n: int) -> list[str]:
    """Say what "in the top 3" counts, and how much of it other seeds would share."""
    shared = [pairs.shared_top_pairs for pairs in results if pairs.shared_top_pairs is not None]
    if not shared:
        return []
    least, most = f"{min(shared):.1f}", f"{max(shared):.1f}"
    about = least if least == most else f"{least} to {most}"
    return [
        f"In the top 3: in how many of {RESAMPLES} resamples of the runs the pair is one of the "
        f"{TOP} most confused. Two sets of {n} seeds are expected to share {about} of them."
    ]


def _confidence(image: PairImage) -> str:
    return "" if image.probability is None else f"{image.probability:.2f}, "


def _lines(entry: Entry, result: Pairs) -> Iterator[tuple[Any, ...]]:
    same = same_values(entry)
    for pair in result.top_pairs:
        images = "; ".join(map(_named, pair.images))
        yield (*same, pair.true, pair.predicted, pair.rate, pair.in_top, images)


def _named(image: PairImage | ConfusedImage) -> str:
    """Return the name of an image, or its index in the test split where it has none."""
    return str(image.index) if image.name is None else image.name
