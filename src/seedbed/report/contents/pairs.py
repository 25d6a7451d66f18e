"""The classes that are confused most, and the images behind it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from seedbed.analysis.captions import SAME, identity, notes_of, same_values, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.display.formatters import NONE, flattened, percent
from seedbed.display.table import Report, Row, Table

IMAGES_SHOWN: Final = 3
PAIRS_OF_MANY: Final = 3
"""Pairs of each configuration, where there are several."""
IMAGES: Final = (
    "Images are numbered from 0 in the test split: probability of the wrong class, and in how many "
    "of the n runs any wrong class is predicted."
)


def pairs(entries: Sequence[Entry]) -> Report:
    """Return the most confused pairs, and the same with both directions counted together."""
    evaluated = [each for each in entries if each["top_pairs"] is not None]
    tables = _of_one(evaluated[0]) if len(entries) == len(evaluated) == 1 else (_of_many(entries),)
    return Report(
        tables,
        (*SAME, "direction", "true", "predicted", "rate", "images"),
        flattened(map(_lines, evaluated)),
        [
            identity(each) | {key: each[key] for key in ("top_pairs", "merged_pairs")}
            for each in entries
        ],
        study_notes(entries),
    )


def _of_one(entry: Entry) -> tuple[Table, ...]:
    top = tuple(
        (each["true"], each["predicted"], percent(each["rate"]), _images(each, entry["n"]))
        for each in entry["top_pairs"]
    )
    merged = tuple(
        (" and ".join(each["classes"]), percent(each["rate"]), *map(percent, each["rates"]))
        for each in entry["merged_pairs"]
    )
    return (
        Table(
            title([entry], "most confused pairs"),
            ("true", "predicted", "of the true class", "images"),
            (top,),
            (f"Mean over n = {entry['n']}. {IMAGES}", *notes_of([entry])),
            text=(0, 1, 3),
        ),
        Table(
            title([entry], "most confused pairs, both directions together,"),
            ("classes", "of both classes", "first as second", "second as first"),
            (merged,),
        ),
    )


def _of_many(entries: Sequence[Entry]) -> Table:
    groups = []
    for each in entries:
        rows: list[Row] = [
            (
                "",
                pair["true"],
                pair["predicted"],
                percent(pair["rate"]),
                _images(pair, each["n"]),
            )
            for pair in (each["top_pairs"] or [])[:PAIRS_OF_MANY]
        ] or [("", *[NONE] * 4)]
        groups.append(((each["label"], *rows[0][1:]), *rows[1:]))
    return Table(
        title(entries, "most confused pairs"),
        ("configuration", "true", "predicted", "of the true class", "images"),
        tuple(groups),
        (IMAGES, *notes_of(entries)),
        text=(0, 1, 2, 4),
    )


def _images(pair: Mapping[str, Any], n: int) -> str:
    return ", ".join(
        f"{image['index']} ({image['probability']:.2f}, {image['n_wrong']} of {n})"
        for image in pair["images"][:IMAGES_SHOWN]
    )


def _lines(entry: Entry) -> Iterator[tuple[Any, ...]]:
    same = same_values(entry)
    for pair in entry["top_pairs"]:
        indices = " ".join(str(image["index"]) for image in pair["images"])
        yield (*same, "one", pair["true"], pair["predicted"], pair["rate"], indices)
    for pair in entry["merged_pairs"]:
        indices = " ".join(str(image["index"]) for image in pair["images"])
        yield (*same, "both", *pair["classes"], pair["rate"], indices)
