"""Tables as Markdown, for a README or an issue."""

from seedbed.display.escape import markdown
from seedbed.display.table import Report, Row, Table
from seedbed.report.renderers.joined import joined


def render(report: Report) -> str:
    """Return the tables as GitHub's Markdown."""
    return joined(report, _table, markdown)


def _table(table: Table) -> str:
    def line(row: Row) -> str:
        return f"| {' | '.join(map(markdown, row))} |"

    alignment = [":--" if place in table.text else "--:" for place in range(len(table.header))]
    lines = [markdown(table.caption), "", line(table.header), f"|{'|'.join(alignment)}|"]
    lines += [line(row) for group in table.groups for row in group]
    lines += [each for note in table.notes for each in ("", markdown(note))]
    return "\n".join(lines)
