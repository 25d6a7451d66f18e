"""Tables as HTML: a fragment that needs no style sheet, and the cells for a template."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from seedbed.display.escape import printable
from seedbed.display.table import Report, Row, Table


@dataclass(frozen=True)
class Cell:
    """A cell of the body of a table."""

    text: str
    number: bool
    """Aligned to the right."""
    rows: int = 1
    """How many it spans."""


@dataclass(frozen=True)
class HtmlRow:
    """A row: what it is about, which may be said by a row above, and what there is to say."""

    head: Cell | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class HtmlTable:
    """A table as the template writes it."""

    caption: str
    header: tuple[Cell, ...]
    groups: tuple[tuple[HtmlRow, ...], ...]
    notes: tuple[str, ...]


def render(report: Report) -> str:
    """Return the tables as an HTML fragment, which a notebook or any page can show."""
    notes = "".join(map(_paragraph, report.notes))
    return "".join(_table(html_table(table)) for table in report.tables) + notes + "\n"


def html_table(table: Table) -> HtmlTable:
    """Return a table as rows and cells, whose texts are not escaped yet."""
    return HtmlTable(
        printable(table.caption),
        tuple(_made(table, place, text) for place, text in enumerate(table.header)),
        tuple(_group(table, group) for group in table.groups if group),
        tuple(map(printable, table.notes)),
    )


def _group(table: Table, group: Sequence[Row]) -> tuple[HtmlRow, ...]:
    """Let the first cell span the rows below it that leave it empty."""
    rows: list[HtmlRow] = []
    for place, row in enumerate(group):
        head = None
        if row[0] or not rows:
            empty = next((n for n, below in enumerate(group[place + 1 :]) if below[0]), None)
            spans = len(group) - place if empty is None else empty + 1
            head = _made(table, 0, row[0], spans)
        rows.append(HtmlRow(head, tuple(_made(table, n + 1, t) for n, t in enumerate(row[1:]))))
    return tuple(rows)


def _made(table: Table, place: int, text: str, rows: int = 1) -> Cell:
    return Cell(printable(text), place not in table.text, rows)


def _table(table: HtmlTable) -> str:
    header = "".join(_cell(cell, "th") for cell in table.header)
    groups = "".join(f"<tbody>{''.join(map(_row, group))}</tbody>" for group in table.groups)
    caption = f'<caption style="text-align: left">{_escaped(table.caption)}</caption>'
    return (
        f'<div style="overflow-x: auto"><table>{caption}<thead><tr>{header}</tr></thead>'
        f"{groups}</table></div>{''.join(map(_paragraph, table.notes))}"
    )


def _row(row: HtmlRow) -> str:
    head = _cell(row.head, "th") if row.head else ""
    return f"<tr>{head}{''.join(_cell(cell, 'td') for cell in row.cells)}</tr>"


def _cell(cell: Cell, kind: str) -> str:
    span = f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
    side = "right" if cell.number else "left"
    whole = "; white-space: nowrap" if cell.number and kind == "td" else ""
    style = f"text-align: {side}; vertical-align: top; padding: 0.2em 0.7em{whole}"
    return f'<{kind}{span} style="{style}">{_escaped(cell.text)}</{kind}>'


def _paragraph(text: str) -> str:
    return f'<p style="font-size: smaller">{_escaped(text)}</p>'


def _escaped(text: str) -> str:
    return escape(printable(text))
