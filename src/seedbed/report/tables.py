"""The tables of a study as text, Markdown, CSV, LaTeX or JSON.

Accuracies are those of the epoch that the recipe's rule keeps, by default the last: nothing is ever
chosen on the test split. A spread is the sample standard deviation (n - 1), over the runs that
finished; a diverged run has no accuracy.
"""

import csv
import json
import re
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import tables
from seedbed.display.escape import latex, markdown, printable
from seedbed.display.table import Report, Row, Table
from seedbed.report.contents.features import features
from seedbed.report.contents.robustness import robustness

_OLD: Final[Mapping[str, Callable[[Sequence[Entry]], Report]]] = {
    "features": features,
    "robustness": robustness,
}
"""Of subjects that are no analysis yet."""

CONTENTS: Final[Mapping[str, Callable[[Sequence[Entry]], Report]]] = {
    **_OLD,
    **{name: table.make for name, table in tables().items()},
}
"""What can be shown of the entries of a summary."""


def as_text(report: Report) -> str:
    """Return the tables for a terminal."""
    return _joined(report, _text_table, printable)


def as_markdown(report: Report) -> str:
    """Return the tables for a README or an issue."""
    return _joined(report, _markdown_table, markdown)


def as_latex(report: Report) -> str:
    """Return the tables for a paper; they need the package ``booktabs``."""
    return _joined(report, _latex_table, lambda note: f"% {printable(note)}")


def as_csv(report: Report) -> str:
    """Return a line a fact; accuracies are fractions."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(report.columns)
    for line in report.lines:
        writer.writerow([printable(each) if isinstance(each, str) else each for each in line])
    return text.getvalue()


def as_json(report: Report) -> str:
    """Return a list with an object for each configuration; accuracies are fractions."""
    return json.dumps(report.data, indent=2) + "\n"


FORMATS: Final[Mapping[str, Callable[[Report], str]]] = {
    "text": as_text,
    "markdown": as_markdown,
    "csv": as_csv,
    "latex": as_latex,
    "json": as_json,
}


def _joined(report: Report, write: Callable[[Table], str], note: Callable[[str], str]) -> str:
    return "\n\n".join([*map(write, report.tables), *map(note, report.notes)]) + "\n"


def _text_table(table: Table) -> str:
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


def _markdown_table(table: Table) -> str:
    def line(row: Row) -> str:
        return f"| {' | '.join(map(markdown, row))} |"

    alignment = [":--" if place in table.text else "--:" for place in range(len(table.header))]
    lines = [markdown(table.caption), "", line(table.header), f"|{'|'.join(alignment)}|"]
    lines += [line(row) for group in table.groups for row in group]
    lines += [each for note in table.notes for each in ("", markdown(note))]
    return "\n".join(lines)


def _latex_table(table: Table) -> str:
    def line(row: Row) -> str:
        return " & ".join(map(_latex_cell, row)) + r" \\"

    body = [line(table.header)]
    for group in filter(None, table.groups):
        body += [r"\midrule", *map(line, group)]
    columns = "".join("l" if place in table.text else "r" for place in range(len(table.header)))
    title = f"{table.caption}." if table.notes else table.caption
    caption = " ".join(_latex_cell(each) for each in (title, *table.notes))
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


_LATEX_SIGNS: Final[Mapping[str, str]] = {
    "–": "--",
    "±": r"$\pm$",
    ">": "$>$",
    "<": "$<$",
    "×": r"$\times$",
    "−": "$-$",
}


_MINUS: Final = re.compile(r"(?<![\w.-])-(?=\.?\d)")
"""Before a number, and not within a word such as 1e-3 or leaky-relu: LaTeX sets it as a hyphen."""


def _latex_cell(cell: str) -> str:
    text = _MINUS.sub("$-$", latex(cell))
    for sign, command in _LATEX_SIGNS.items():
        text = text.replace(sign, command)
    return text
