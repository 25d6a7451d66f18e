"""Tables as LaTeX, for a paper."""

import re
from collections.abc import Mapping
from typing import Final

from seedbed.display.escape import latex, printable
from seedbed.display.table import Report, Row, Table
from seedbed.report.renderers.joined import joined

_SIGNS: Final[Mapping[str, str]] = {
    "–": "--",
    "−": "$-$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "±": r"$\pm$",
    ">": "$>$",
    "<": "$<$",
    "×": r"$\times$",
}
_MINUS: Final = re.compile(r"(?<![\w.-])-(?=\.?\d)")
"""Before a number, and not within a word such as 1e-3 or leaky-relu: LaTeX sets it as a hyphen."""


def render(report: Report) -> str:
    """Return the tables as LaTeX; they need the package ``booktabs``."""
    return joined(report, _table, lambda note: f"% {printable(note)}")


def _table(table: Table) -> str:
    def line(row: Row) -> str:
        return " & ".join(map(_cell, row)) + r" \\"

    body = [line(table.header)]
    for group in filter(None, table.groups):
        body += [r"\midrule", *map(line, group)]
    columns = "".join("l" if place in table.text else "r" for place in range(len(table.header)))
    title = f"{table.caption}." if table.notes else table.caption
    caption = " ".join(_cell(text) for text in (title, *table.notes))
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{caption}}}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            *body,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
        ]
    )


def _cell(cell: str) -> str:
    text = _MINUS.sub("$-$", latex(cell))
    for sign, command in _SIGNS.items():
        text = text.replace(sign, command)
    return text
