r"""Tables as LaTeX, for a paper.

Captions are short and notes stand below the table. A unit that all cells of a column share stands
in its head. What a test shows to be best is bold.
"""

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from seedbed.display.escape import latex, printable
from seedbed.display.formatters import NONE
from seedbed.display.table import Report, Row, Table

_SIGNS: Final[Mapping[str, str]] = {
    "–": "--",
    "—": "---",
    "−": "$-$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "±": r"$\pm$",
    ">": "$>$",
    "<": "$<$",
    "×": r"$\times$",
    "“": "``",
    "”": "''",
    "’": "'",
    "…": r"\dots{}",
    "·": r"$\cdot$",
    "²": "$^2$",
}
HEAD: Final = 18
"""Characters of a line in the head of a column."""
_MINUS: Final = re.compile(r"(?<![\w.-])-(?=\.?\d)")
"""Before a number, and not within a word such as 1e-3 or leaky-relu: LaTeX sets it as a hyphen."""
_NUMBER: Final = re.compile(r"([+-]?)(\d[\d,]*)(?:\.(\d+))?(?: ± (\d[\d,]*)(?:\.(\d+))?)?")


def render(report: Report, label: str = "", *, siunitx: bool = False) -> str:
    r"""Return the tables as LaTeX; they need the package ``booktabs``.

    Args:
        report: What to write.
        label: What ``\ref`` calls the table, after ``tab:``; by default it is made of the caption.
        siunitx: Whether numbers are aligned at the decimal point, by the package ``siunitx``.
    """
    several = len(report.tables) > 1
    written = []
    for number, table in enumerate(report.tables, 1):
        name = label or slug(table.caption)
        written.append(_table(table, f"{name}-{number}" if several else name, siunitx=siunitx))
    return "\n\n".join([*written, *(f"% {printable(note)}" for note in report.notes)]) + "\n"


def slug(text: str) -> str:
    """Return a name for a label: ASCII letters, digits and hyphens."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower()))[:60].strip("-") or "table"


def tabular(table: Table, *, siunitx: bool = False, longest: int | None = None) -> str:
    """Return the environment ``tabular`` of a table.

    Args:
        table: What to write.
        siunitx: Whether numbers are aligned at the decimal point.
        longest: Characters of a text that takes one line; longer ones are broken into lines.
    """
    rows = [row for group in table.groups for row in group]
    columns = [
        _Column.of(name, [row[place] for row in rows], text=place in table.text, siunitx=siunitx)
        for place, name in enumerate(table.header)
    ]
    for place in table.text:
        if longest is not None and any(len(row[place]) > longest for row in rows):
            columns[place] = replace(columns[place], kind=r"p{0.55\linewidth}")
    body, number = [_line([column.head for column in columns])], 0
    for group in filter(None, table.groups):
        body.append(r"\midrule")
        for row in group:
            bold = [place for at, place in table.best if at == number]
            body.append(_line(_cells(columns, row, bold)))
            number += 1
    lines = [
        rf"\begin{{tabular}}{{{''.join(column.kind for column in columns)}}}",
        r"\toprule",
        *body,
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines)


def notes(table: Table) -> tuple[str, ...]:
    """Return the notes of a table, with what bold type means where there is any."""
    return (*table.notes, table.best_note) if table.best else table.notes


def escaped(text: str) -> str:
    """Return text that LaTeX sets as it is, with its signs."""
    return signs(_MINUS.sub("$-$", latex(text)))


def signs(made: str) -> str:
    """Return LaTeX with commands for the signs that it has."""
    for sign, command in _SIGNS.items():
        made = made.replace(sign, command)
    return made


@dataclass(frozen=True)
class _Column:
    """How a column is set."""

    kind: str
    """In the preamble of the environment."""
    head: str
    unit: bool
    """Whether the head has the percent sign of the cells."""
    aligned: bool
    """Whether ``siunitx`` sets its numbers."""

    @classmethod
    def of(cls, name: str, cells: Sequence[str], *, text: bool, siunitx: bool) -> "_Column":
        known = [cell for cell in cells if cell not in (NONE, "")]
        unit = not text and bool(known) and all(cell.count("%") == 1 for cell in known)
        head = _head(f"{name} (%)" if unit else name, "l" if text else "r")
        numbers = [_NUMBER.fullmatch(cell.replace("%", "")) for cell in known]
        if siunitx and not text and numbers and all(numbers):
            return cls(_siunitx(list(filter(None, numbers))), f"{{{head}}}", unit, aligned=True)
        return cls("l" if text else "r", head, unit, aligned=False)


def _head(name: str, side: str) -> str:
    """Return the head of a column, a long one in several lines."""
    lines = textwrap.wrap(name, HEAD, break_long_words=False, break_on_hyphens=False)
    if len(lines) < 2:
        return escaped(name)
    inside = r" \\ ".join(map(escaped, lines))
    return rf"\begin{{tabular}}[b]{{@{{}}{side}@{{}}}}{inside}\end{{tabular}}"


def _siunitx(numbers: Sequence[re.Match[str]]) -> str:
    """Return the column that has room for all of these numbers."""

    def most(group: int) -> int:
        return max(len((number[group] or "").replace(",", "")) for number in numbers)

    sign = "+" if any(number[1] == "+" for number in numbers) else ""
    if not sign and any(number[1] for number in numbers):
        sign = "-"
    decimals = f".{most(3)}" if most(3) else ""
    # An uncertainty of 0.05 beside two decimals has one digit or more: 5 units of the last place.
    spread = f"({most(4) + most(5)})" if most(4) else ""
    return f"S[table-format={sign}{most(2)}{decimals}{spread}]"


def _cells(columns: Sequence[_Column], row: Row, bold: Sequence[int]) -> list[str]:
    made = []
    for place, (column, cell) in enumerate(zip(columns, row, strict=True)):
        shown = cell.replace("%", "") if column.unit else cell
        if column.aligned:
            number = shown.replace(",", "").replace(" ± ", r" \pm ")
            shown = number if _NUMBER.fullmatch(shown) else f"{{{escaped(shown)}}}"
            made.append(rf"\bfseries {shown}" if place in bold else shown)
        else:
            shown = escaped(shown)
            made.append(rf"\textbf{{\boldmath {shown}}}" if place in bold else shown)
    return made


def _line(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"


def _table(table: Table, label: str, *, siunitx: bool) -> str:
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{escaped(table.caption)}}}",
        rf"\label{{tab:{label}}}",
    ]
    if siunitx:
        lines.append(r"\sisetup{separate-uncertainty=true, table-align-uncertainty=true}")
    lines.append(tabular(table, siunitx=siunitx))
    if below := notes(table):
        lines += [
            "",
            r"\medskip",
            r"\begin{minipage}{\linewidth}\footnotesize",
            *map(escaped, below),
            r"\end{minipage}",
        ]
    return "\n".join([*lines, r"\end{table}"])
