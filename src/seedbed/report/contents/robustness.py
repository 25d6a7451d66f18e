"""Accuracy on test images that are shifted, rotated, noisy or blurred."""

from collections.abc import Sequence
from typing import Any, Final

from seedbed.analysis.captions import SAME, identity, notes_of, same_values, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import Representative
from seedbed.display.formatters import NONE, percent_spread
from seedbed.display.table import Report, Row, Table
from seedbed.evaluation.standing import asked_about_altered

COLUMNS: Final = ("kind", "unit", "strength", "images", "runs", "accuracy", "std", "low", "high")
WHAT: Final = "test accuracy on altered images"
NAMES: Final = {
    "shift": "shift, pixels",
    "rotation": "rotation, degrees",
    "noise": "noise, gray levels",
    "blur": "blur, pixels",
}


def robustness(entries: Sequence[Entry]) -> Report:
    """Return a row for each kind and strength, with a column for each network that was asked."""
    asked = asked_about_altered(entries)
    return Report(
        (_table(asked) if asked else _nothing(entries),),
        (*SAME, *COLUMNS),
        tuple(line for each in entries for line in _lines(each)),
        [identity(each) | {"robustness": each["robustness"]} for each in entries],
        study_notes(entries),
    )


def _nothing(entries: Sequence[Entry]) -> Table:
    note = (
        "Nothing has been asked about altered images: `seedbed report` does that where a study "
        "compares networks."
    )
    rows = tuple((each["label"], NONE) for each in entries)
    return Table(title(entries, WHAT), ("configuration", WHAT), (rows,), (note, *notes_of(entries)))


def _table(asked: Sequence[Representative]) -> Table:
    found = [each.entry["robustness"] for each in asked]
    return Table(
        title([each.entry for each in asked], WHAT),
        ("corruption", "strength", *(each.name for each in asked)),
        (_rows(asked, None), *(_rows(asked, kind) for kind in NAMES)),
        (
            "Mean ± standard deviation over the runs, on "
            f"{found[0]['images']:,} test images, the same for all. Shifts go in a random "
            "direction, rotations either way; noise and blur are Gaussian, and their strength is "
            "the standard deviation. Gray levels are from 0 to 255.",
            *notes_of([each.entry for each in asked]),
        ),
    )


def _rows(asked: Sequence[Representative], kind: str | None) -> tuple[Row, ...]:
    """Return the rows of one kind; of no kind, that of the images as they are."""
    found = [each.entry["robustness"] for each in asked]
    if kind is None:
        return (("none", "", *(percent_spread(each["unaltered"]["accuracy"]) for each in found)),)
    of_kind = [[line for line in each["corruptions"] if line["kind"] == kind] for each in found]
    return tuple(
        (
            "" if place else NAMES[kind],
            f"{lines[0]['strength']:g}",
            *(percent_spread(line["accuracy"]) for line in lines),
        )
        for place, lines in enumerate(zip(*of_kind, strict=True))
    )


def _lines(entry: Entry) -> list[tuple[Any, ...]]:
    found = entry["robustness"]
    if not found:
        return [(*same_values(entry), *(None for _ in COLUMNS))]
    none = {"kind": "none", "unit": None, "strength": 0, **found["unaltered"]}
    return [
        (
            *same_values(entry),
            each["kind"],
            each["unit"],
            each["strength"],
            found["images"],
            len(found["seeds"]),
            each["accuracy"]["mean"],
            each["accuracy"]["std"],
            *((each["interval"] or {}).get(end) for end in ("low", "high")),
        )
        for each in (none, *found["corruptions"])
    ]
