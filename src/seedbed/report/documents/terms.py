"""Short explanations of the terms that a document uses, each where the term comes first."""

import re
from collections.abc import Iterator, Sequence

from seedbed.report.documents.model import Block, Figures, Section, Sentences, Tables, Terms, Text
from seedbed.report.terms import TERMS


def explained(sections: Sequence[Section]) -> Iterator[Section]:
    """Yield the sections, each with the terms at its end that no earlier one has explained."""
    known: set[str] = set()
    for section in sections:
        words = "\n".join(word for block in section.blocks for word in _words(block))
        new = [
            (term, meaning)
            for term, pattern, meaning in TERMS
            if term not in known and re.search(pattern, words)
        ]
        known |= {term for term, _ in new}
        blocks = (*section.blocks, Terms(tuple(new))) if new else section.blocks
        yield Section(section.title, blocks)


def _words(block: Block) -> Iterator[str]:
    if isinstance(block, Text):
        yield from block.paragraphs
    elif isinstance(block, Sentences):
        yield from block.sentences
    elif isinstance(block, Figures):
        for figure in block.figures:
            yield from (figure.title, figure.caption)
    elif isinstance(block, Tables):
        for table in block.table.report.tables:
            yield from (table.caption, *table.header)
            yield from (cell for group in table.groups for row in group for cell in row)
