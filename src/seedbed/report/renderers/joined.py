"""What all formats share that write tables one below the other."""

from collections.abc import Callable

from seedbed.display.table import Report, Table


def joined(report: Report, table: Callable[[Table], str], note: Callable[[str], str]) -> str:
    """Return the tables and the notes of a report, with an empty line between them.

    Args:
        report: What to write.
        table: Writes a table.
        note: Writes a sentence about the whole report.
    """
    return "\n\n".join([*map(table, report.tables), *map(note, report.notes)]) + "\n"
