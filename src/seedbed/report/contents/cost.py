"""What a network costs to store, to run and to train."""

from collections.abc import Sequence
from typing import Final

from seedbed.analysis.captions import SAME, identity, notes_of, same_values, study_notes, title
from seedbed.analysis.entry import Entry
from seedbed.display.formatters import number, percent_spread, spread
from seedbed.display.table import Report, Table

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


def cost(entries: Sequence[Entry]) -> Report:
    """Return a row for each configuration."""
    rows = []
    for each in entries:
        found = each["cost"] or {}
        seconds = {"mean": found.get("seconds"), "std": found.get("seconds_std")}
        size = found.get("weight_file_bytes")
        rows.append(
            (
                each["label"],
                str(each["n"]),
                number(found.get("parameters")),
                number(found.get("multiply_adds")),
                number(None if size is None else size / 1000, 1),
                number(found.get("epochs")),
                spread(seconds, 1),
                number(found.get("seconds_total"), 1),
                percent_spread(each["test_accuracy"]),
            )
        )
    table = Table(
        title(entries, "cost, and test accuracy"),
        (
            "configuration",
            "n",
            "parameters",
            "multiply-adds",
            "weight file (kB)",
            "epochs",
            "seconds a run",
            "seconds, all runs",
            "test accuracy",
        ),
        (tuple(rows),),
        (
            "Multiply-adds: of one image, forward. kB: 1000 bytes, of the stored file. Seconds "
            "that passed while a run had a core: measuring on images is in them, and so is "
            "whatever else kept the machine busy.",
            *notes_of(entries),
        ),
    )
    return Report(
        (table,),
        (*SAME, *COLUMNS),
        tuple(
            (*same_values(each), *(each["cost"][column] for column in COLUMNS))
            for each in entries
            if each["cost"]
        ),
        [identity(each) | {"cost": each["cost"]} for each in entries],
        study_notes(entries),
    )
