"""What a document is, before it is written in some format.

A document is made once, by :mod:`seedbed.report.documents.build`, from the tables, charts and
sentences of the analyses. A renderer knows the blocks below, and nothing of what they are about.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from seedbed.report.notebook import StudyTable


@dataclass(frozen=True)
class Call:
    """How a study gives what a block shows, so that a notebook can compute it."""

    method: str
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, study: object) -> Any:
        """Return what the study gives."""
        return getattr(study, self.method)(*self.arguments, **self.options)

    def __str__(self) -> str:
        """Return it as code, without what it is called on."""
        options = [f"{name}={value!r}" for name, value in self.options.items()]
        return f"{self.method}({', '.join([*map(repr, self.arguments), *options])})"


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    text: str


@dataclass(frozen=True)
class Text:
    """Paragraphs whose words do not depend on results."""

    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Items:
    """A list of sentences that need no computing."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Sentences:
    """What an analysis says of the results."""

    call: Call
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Methods:
    """The methods of the study, as a paper has them."""

    call: Call
    paragraphs: tuple[str, ...]
    """With citations, ``[@key]``."""


@dataclass(frozen=True)
class References:
    """What a document cites."""

    keys: tuple[str, ...]


@dataclass(frozen=True)
class Tables:
    """One or more tables, one below the other."""

    call: Call
    table: StudyTable


@dataclass(frozen=True)
class Figure:
    """A picture with its caption."""

    call: Call
    name: str
    """Of its file, without the ending; unique in a document."""
    title: str
    caption: str
    """How to read it, in sentences."""
    alternative: str
    """What it shows, for readers who cannot see it."""
    draw: Callable[[str], bytes]
    """Takes ``svg`` or ``pdf``."""
    centimeters: float
    """How wide it is."""


@dataclass(frozen=True)
class Figures:
    """Figures that belong together, two beside each other where there is room."""

    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Code:
    """Commands or a file, as they are."""

    text: str
    language: str


@dataclass(frozen=True)
class Terms:
    """Short explanations of the terms of a section."""

    terms: tuple[tuple[str, str], ...]
    """Pairs of a term and what it means."""


Words: TypeAlias = Heading | Text | Items | Code | Terms | References
"""What needs no computing."""
Block: TypeAlias = Words | Sentences | Methods | Tables | Figures


@dataclass(frozen=True)
class Section:
    """A part of a document with a heading of its own."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A report of an experiment."""

    title: str
    author: str
    about: str
    """A line below the title: what was trained, and when."""
    abstract: Sentences | None
    """The answer in brief."""
    sections: Sequence[Section]


@dataclass(frozen=True)
class Wording:
    """What its author says of a document."""

    title: str = ""
    """By default the name of the study."""
    author: str = ""
    plain: bool = False
    """Whether explanations of terms are left out."""
