"""A document as Markdown, with its figures as files beside it."""

import re
from collections.abc import Iterator
from typing import Final

from seedbed.display.escape import markdown
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
    Words,
)
from seedbed.report.methods.bibliography import references
from seedbed.report.methods.paragraph import by_author, cited
from seedbed.report.renderers.markdown import render as render_tables

FORM: Final = "svg"
"""Of the files of figures."""
_FENCE: Final = re.compile(r"`{3,}")


def render(document: Document, folder: str) -> str:
    """Return a document as GitHub's Markdown.

    Args:
        document: What to write.
        folder: Of the figures, relative to the document.
    """
    parts = [f"# {markdown(document.title)}"]
    parts += [markdown(line) for line in (document.author, document.about) if line]
    if document.abstract:
        parts += [f"**{markdown(sentence)}**" for sentence in document.abstract.sentences]
    for section in document.sections:
        parts.append(f"## {markdown(section.title)}")
        for block in section.blocks:
            parts += _block(block, folder)
    return "\n\n".join(parts) + "\n"


def _block(block: Block, folder: str) -> Iterator[str]:
    match block:
        case Methods(_, paragraphs):
            yield from (markdown(cited(text, by_author)) for text in paragraphs)
        case Sentences(_, items):
            yield from words(Items(items))
        case Tables(_, table):
            yield render_tables(table.report).rstrip("\n")
        case Figures(figures):
            for figure in figures:
                yield from _figure(figure, folder)
        case _:
            yield from words(block)


def words(block: Words) -> Iterator[str]:
    """Yield the paragraphs and lists of a block that needs no computing."""
    match block:
        case Heading(text):
            yield f"### {markdown(text)}"
        case References(keys):
            yield from words(Items(tuple(references()[key].listed for key in keys)))
        case Text(paragraphs):
            yield from map(markdown, paragraphs)
        case Items(items):
            yield "\n".join(f"- {markdown(item)}" for item in items)
        case Code(text, language):
            fence = "`" * max(3, *(len(run) + 1 for run in _FENCE.findall(text)), 3)
            yield f"{fence}{language}\n{text.strip()}\n{fence}"
        case Terms(terms):
            yield "\n".join(
                f"> **{markdown(term)}**: {markdown(meaning)}  " for term, meaning in terms
            )


def _figure(figure: Figure, folder: str) -> Iterator[str]:
    yield f"![{markdown(figure.alternative)}]({folder}/{figure.name}.{FORM})"
    caption = f" {markdown(figure.caption)}" if figure.caption else ""
    yield f"**{markdown(figure.title)}.**{caption}"
