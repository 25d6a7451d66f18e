"""Tables as plain text, for a terminal."""

from seedbed.display.escape import printable
from seedbed.display.table import Report, Row, Table
from seedbed.report.renderers.joined import joined


def render(report: Report) -> str:
    """Return the tables for a terminal, columns aligned with spaces."""
    return joined(report, _table, printable)


def _table(table: Table) -> str:
    header = tuple(map(printable, table.header))
    groups = [[tuple(map(printable, row)) for row in group] for group in table.groups]
    everything = [header, *(row for group in groups for row in group)]
    widths = [max(map(len, column)) for column in zip(*everything, strict=True)]
    rule = "─" * (sum(widths) + 2 * (len(widths) - 1))

    def line(row: Row) -> str:
        cells = [
            cell.ljust(width) if place in table.text else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()

    body = [line(header)]
    for group in filter(None, groups):
        body += [rule, *map(line, group)]
    return "\n".join([printable(table.caption), "", *body, *map(printable, table.notes)])
