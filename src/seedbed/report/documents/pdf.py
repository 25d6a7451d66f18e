"""A document as PDF, set by Typst.

How it looks stands in ``assets/report.typ``, which reads the texts as data: a name can never become
markup.
"""

import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import font_roboto

from seedbed.display.escape import printable
from seedbed.display.table import Row, Table
from seedbed.report.documents.formats import check_typst
from seedbed.report.documents.model import (
    Block,
    Code,
    Document,
    Figure,
    Figures,
    Heading,
    Items,
    Methods,
    References,
    Sentences,
    Tables,
    Terms,
    Text,
)
from seedbed.report.methods.bibliography import references
from seedbed.report.methods.paragraph import by_author, cited
from seedbed.report.renderers.latex import notes

TEMPLATE: Final = "report.typ"
CROWDED: Final = 8
"""Columns of a table from which on there is little room for each."""
_ENDS: Final = re.compile(r" (?=to |\()")
NARROWEST: Final = 10
"""Characters of a line in the head of a column."""
_SIGNS: Final = re.compile(r"[=/](?=\w)")
_KEPT: Final = "\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}"


def render(document: Document) -> bytes:
    """Return a document as PDF.

    Raises:
        MissingExtra: If Typst is not installed.
    """
    check_typst()
    import typst

    with TemporaryDirectory() as name:
        folder = Path(name)
        template = resources.files(__package__).joinpath("assets", TEMPLATE)
        (folder / TEMPLATE).write_bytes(template.read_bytes())
        contents = json.dumps(_document(document, folder), ensure_ascii=False)
        (folder / "document.json").write_bytes(contents.encode(errors="replace"))
        fonts = Path(str(font_roboto.__file__)).parent / "files"
        made = typst.compile(str(folder / TEMPLATE), root=name, font_paths=[str(fonts)])
    assert isinstance(made, bytes)
    return made


def _document(document: Document, folder: Path) -> dict[str, Any]:
    return {
        "title": printable(document.title),
        "author": printable(document.author),
        "about": printable(document.about),
        "abstract": _texts(document.abstract.sentences) if document.abstract else [],
        "sections": [
            {
                "title": section.title,
                "blocks": [data for block in section.blocks for data in _block(block, folder)],
            }
            for section in document.sections
        ],
    }


def _block(block: Block, folder: Path) -> Iterator[dict[str, Any]]:
    match block:
        case Heading(text):
            yield {"kind": "heading", "text": printable(text)}
        case Methods(_, paragraphs):
            shown = [cited(text, by_author) for text in paragraphs]
            yield {"kind": "text", "paragraphs": _texts(shown)}
        case References(keys):
            listed = [references()[key].listed for key in keys]
            yield {"kind": "items", "items": _texts(listed)}
        case Text(paragraphs):
            yield {"kind": "text", "paragraphs": _texts(paragraphs)}
        case Sentences(_, items) | Items(items):
            yield {"kind": "items", "items": _texts(items)}
        case Tables(_, table):
            yield {"kind": "tables", "tables": [_table(each) for each in table.report.tables]}
            if table.report.notes:
                yield {"kind": "text", "paragraphs": _texts(table.report.notes)}
        case Figures(figures):
            yield {"kind": "figures", "figures": [_figure(each, folder) for each in figures]}
        case Code(text, language):
            lines = "\n".join(map(printable, text.strip().splitlines()))
            yield {"kind": "code", "text": lines, "language": language}
        case Terms(terms):
            yield {"kind": "terms", "terms": [_texts(pair) for pair in terms]}


def _table(table: Table) -> dict[str, Any]:
    return {
        "caption": printable(table.caption),
        "header": _header(table),
        "groups": [[_cells(table, row) for row in group] for group in table.groups if group],
        "notes": _texts(notes(table)),
        "text": list(table.text),
        "best": [list(cell) for cell in table.best],
    }


def _figure(figure: Figure, folder: Path) -> dict[str, Any]:
    number = sum(1 for _ in folder.glob("figure-*"))
    file = folder / f"figure-{number}.svg"
    file.write_bytes(figure.draw("svg"))
    return {
        "file": file.name,
        "width": figure.centimeters,
        "title": printable(figure.title),
        "caption": printable(figure.caption),
        "alternative": printable(figure.alternative),
    }


def _header(table: Table) -> list[str]:
    """Return the heads of the columns, each about as wide as its cells."""
    rows = [row for group in table.groups for row in group]
    heads = []
    for place, head in enumerate(table.header):
        cells = (line for row in rows for line in _cells(table, row)[place].split("\n"))
        longest = max(map(len, cells), default=0)
        lines = textwrap.wrap(head, max(longest, NARROWEST), break_long_words=False)
        heads.append("\n".join(_texts(lines)))
    return heads


def _cells(table: Table, row: Row) -> list[str]:
    """Return cells as narrow columns need them.

    Names may be broken after their signs, and of many columns intervals take two lines.
    """
    crowded = len(row) > CROWDED
    return [
        _SIGNS.sub("\\g<0>\N{ZERO WIDTH SPACE}", text)
        if place in table.text
        else _ENDS.sub("\n", text)
        if crowded
        else text
        for place, text in enumerate(_texts(row))
    ]


def _texts(texts: Sequence[str]) -> list[str]:
    return [printable(text).replace(" ± ", _KEPT) for text in texts]
