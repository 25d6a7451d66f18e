"""The table of accuracy on corrupted test images."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from seedbed.analysis.captions import SAME, identity, notes_of, same_values, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.analysis.representatives import Representative
from seedbed.analysis.subjects.robustness.result import (
    CorruptedAccuracy,
    Robustness,
    corrupted,
    corrupted_networks,
)
from seedbed.display.formatters import NONE, flattened, percent_spread
from seedbed.display.table import Report, Row, Table

COLUMNS: Final = (
    *("kind", "unit", "strength", "images"),
    *("test_accuracy", "test_accuracy_std", "test_accuracy_low", "test_accuracy_high"),
)
WHAT: Final = "test accuracy on corrupted images"
NAMES: Final = {
    "shift": "shift, pixels",
    "rotation": "rotation, degrees",
    "noise": "noise, gray levels",
    "blur": "blur, pixels",
}


def robustness_table(entries: Sequence[Entry]) -> Report:
    """Return a row for each kind and strength, with a column for each network."""
    networks = corrupted_networks(entries)
    return Report(
        (_table(networks) if networks else _nothing(entries),),
        (*SAME, *COLUMNS),
        flattened(map(_lines, entries)),
        [identity(entry) | {"robustness": _data(entry)} for entry in entries],
        study_notes(entries),
    )


def _nothing(entries: Sequence[Entry]) -> Table:
    note = (
        "Accuracy on corrupted images is not known. `seedbed report` measures it in studies that "
        "compare networks."
    )
    rows = tuple((entry.header.label, NONE) for entry in entries)
    return Table(title(entries, WHAT), ("configuration", WHAT), (rows,), (note, *notes_of(entries)))


def _table(networks: Sequence[Representative]) -> Table:
    entries = [network.entry for network in networks]
    return Table(
        title(entries, WHAT),
        ("corruption", "strength", *(network.name for network in networks)),
        (_uncorrupted(entries), *(_rows(entries, kind) for kind in NAMES)),
        (
            "Mean ± standard deviation over the runs, on the same "
            f"{corrupted(entries[0]).images:,} test images. Images are shifted in random "
            "directions and rotated either way. Noise and blur are Gaussian; their strength is the "
            "standard deviation. Gray levels range from 0 to 255.",
            *notes_of(entries),
        ),
    )


def _uncorrupted(entries: Sequence[Entry]) -> tuple[Row, ...]:
    accuracies = [corrupted(entry).uncorrupted.accuracy for entry in entries]
    return (("none", "", *map(percent_spread, accuracies)),)


def _rows(entries: Sequence[Entry], kind: str) -> tuple[Row, ...]:
    of_kind = [corrupted(entry).of_kind(kind) for entry in entries]
    return tuple(
        (
            "" if number else NAMES[kind],
            f"{lines[0].strength:g}",
            *(percent_spread(line.accuracy) for line in lines),
        )
        for number, lines in enumerate(zip(*of_kind, strict=True))
    )


def _data(entry: Entry) -> Any:
    result = entry.view(Robustness)
    return msgspec.to_builtins(result.robustness) if result else None


_Line = tuple[Any, ...]


def _lines(entry: Entry) -> list[_Line]:
    result = entry.view(Robustness)
    if result is None:
        return []
    accuracies = result.robustness

    def line(
        kind: str, unit: str | None, strength: float, on: CorruptedAccuracy
    ) -> tuple[Any, ...]:
        ends = (
            (interval.low, interval.high)
            if (interval := on.accuracy.shown_interval)
            else (None, None)
        )
        same = (*same_values(entry)[:-1], len(accuracies.seeds))
        accuracy = (on.accuracy.mean, on.accuracy.std)
        return (*same, kind, unit, strength, accuracies.images, *accuracy, *ends)

    return [
        line("none", None, 0, accuracies.uncorrupted),
        *(line(of.kind, of.unit, of.strength, of) for of in accuracies.corruptions),
    ]
