"""The table of cost."""

from collections.abc import Sequence
from typing import Final

import msgspec

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.captions import SAME, identity, notes_of, same_values, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.accuracy.result import accuracy_of
from seedbed.analysis.subjects.cost.result import Cost, cost_of
from seedbed.display.formatters import NONE, number, percent_spread, spread
from seedbed.display.table import Report, Row, Table

COLUMNS: Final = (
    "parameters",
    "multiply_adds",
    "weight_bytes",
    "weight_file_bytes",
    "epochs",
    "seconds",
    "seconds_std",
    "seconds_total",
)


def cost_table(entries: Sequence[Entry]) -> Report:
    """Return a row for each configuration."""
    costs = [cost_of(entry) for entry in entries]
    table = Table(
        title(entries, "cost and test accuracy"),
        (
            "configuration",
            "n",
            "parameters",
            "multiply-adds",
            "weight file (kB)",
            "epochs",
            "seconds per run",
            "seconds, all runs",
            "test accuracy",
        ),
        (tuple(_row(entry, cost) for entry, cost in zip(entries, costs, strict=True)),),
        (
            "Multiply-adds: of one image, forward. kB: 1000 bytes of the stored file. Seconds: the "
            "time while a run had a core, which includes evaluation and any other load on the "
            "machine.",
            *notes_of(entries),
        ),
    )
    return Report(
        (table,),
        (*SAME, *COLUMNS),
        tuple(
            (*same_values(entry), *(getattr(cost, column) for column in COLUMNS))
            for entry, cost in zip(entries, costs, strict=True)
            if cost
        ),
        [
            identity(entry) | {"cost": msgspec.to_builtins(cost)}
            for entry, cost in zip(entries, costs, strict=True)
        ],
        study_notes(entries),
    )


def _row(entry: Entry, cost: Cost | None) -> Row:
    return (
        entry.header.label,
        str(entry.header.n),
        *(_cells(cost, entry.header.n) if cost else (NONE,) * 6),
        percent_spread(accuracy_of(entry).test_accuracy),
    )


def _cells(cost: Cost, n: int) -> Row:
    size = cost.weight_file_bytes
    return (
        number(cost.parameters),
        number(cost.multiply_adds),
        number(None if size is None else size / 1000, 1),
        number(cost.epochs),
        spread(Aggregate(cost.seconds, cost.seconds_std, n), 1),
        number(cost.seconds_total, 1),
    )
