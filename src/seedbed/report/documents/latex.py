"""A document as LaTeX, with its figures as PDF files beside it.

The tests compile it with pdflatex; it is written for lualatex and xelatex too.
"""

import re
from collections.abc import Iterator
from typing import Final

from seedbed.display.escape import latex, printable
from seedbed.display.table import Table
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
from seedbed.report.documents.pictures import Names
from seedbed.report.methods.bibliography import references
from seedbed.report.methods.paragraph import cited
from seedbed.report.renderers.latex import escaped, notes, signs, tabular

FORM: Final = "pdf"
"""Of the files of figures."""
PREAMBLE: Final = r"""\documentclass[11pt,a4paper]{article}
\usepackage{iftex}
\ifpdftex\pdfminorversion=7\fi
\ifpdftex
  \usepackage[T1]{fontenc}
  \usepackage[utf8]{inputenc}
  \usepackage{lmodern}
  \usepackage{textcomp}
\else
  \usepackage{fontspec}
\fi
\usepackage[margin=2.4cm]{geometry}
\usepackage{graphicx}
\usepackage{booktabs}
\usepackage{float}
\usepackage[hidelinks]{hyperref}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.5em}
\emergencystretch=3em
% A character that the fonts of pdflatex may lack, by its number.
\newcommand{\unicodecharacter}[1]{\ifpdftex[U+#1]\else\symbol{"#1}\fi}
% What is too wide for the page is made smaller.
\newsavebox{\measured}
\newcommand{\fitted}[1]{\sbox{\measured}{#1}%
  \ifdim\wd\measured>\linewidth\resizebox{\linewidth}{!}{\usebox{\measured}}%
  \else\usebox{\measured}\fi}
"""
LONGEST_CELL: Final = 45
"""Characters of a text that takes one line."""
_STRAIGHT: Final = str.maketrans({"'": r"\textquotesingle{}", "`": r"\textasciigrave{}"})
"""Quotes of code, which LaTeX would set as those of prose."""
_LIGATURES: Final = re.compile(r"(?<=([-,’]))(?=\1)")
"""Between characters that LaTeX would set as one, such as the hyphens of an option."""


def render(document: Document, folder: str) -> str:
    """Return a document as LaTeX.

    Args:
        document: What to write.
        folder: Of the figures, relative to the document.
    """
    labels = Names()
    lines = [
        PREAMBLE,
        rf"\title{{{_text(document.title)}}}",
        rf"\author{{{_text(document.author)}}}",
        r"\date{}",
        r"\begin{document}",
        r"\maketitle",
        _text(document.about),
    ]
    if document.abstract:
        sentences = "\n\n".join(map(_text, document.abstract.sentences))
        lines.append(f"\\begin{{abstract}}\n{sentences}\n\\end{{abstract}}")
    for section in document.sections:
        # The list of references has a heading of its own.
        if not any(isinstance(block, References) for block in section.blocks):
            lines.append(rf"\section{{{_text(section.title)}}}")
        for block in section.blocks:
            lines += _block(block, folder, labels)
    return "\n\n".join([*lines, r"\end{document}"]) + "\n"


def _block(block: Block, folder: str, labels: Names) -> Iterator[str]:
    match block:
        case Heading(text):
            yield rf"\subsection*{{{_text(text)}}}"
        case Methods(_, paragraphs):
            yield from (cited(text, _cite, _text) for text in paragraphs)
        case References(keys):
            rows = "\n".join(
                rf"\bibitem{{{key}}} {_text(references()[key].listed)}" for key in keys
            )
            yield f"\\begin{{thebibliography}}{{99}}\n{rows}\n\\end{{thebibliography}}"
        case Text(paragraphs):
            yield from map(_text, paragraphs)
        case Sentences(_, items) | Items(items):
            rows = "\n".join(rf"\item {{}}{_text(item)}" for item in items)
            yield f"\\begin{{itemize}}\n{rows}\n\\end{{itemize}}"
        case Tables(_, table):
            for number, one in enumerate(table.report.tables, 1):
                several = len(table.report.tables) > 1
                name = table.label or one.caption
                yield _table(one, labels.of(f"{name}-{number}" if several else name))
            yield from map(_text, table.report.notes)
        case Figures(figures):
            for start in range(0, len(figures), 2):
                yield _row(figures[start : start + 2], folder)
        case Code(text, _):
            lines = "\n".join(map(printable, text.strip().splitlines()))
            yield _verbatim(lines)
        case Terms(terms):
            rows = "\n".join(
                rf"\item[{{{_text(term)}}}] {_text(meaning)}" for term, meaning in terms
            )
            yield f"{{\\small\n\\begin{{description}}\n{rows}\n\\end{{description}}\n}}"


def _table(table: Table, label: str) -> str:
    lines = [
        r"\begin{table}[H]",
        r"\centering\small",
        rf"\caption{{{_text(table.caption)}}}",
        rf"\label{{tab:{label}}}",
        rf"\fitted{{{_plain(tabular(table, longest=LONGEST_CELL))}}}",
    ]
    if below := notes(table):
        lines += ["", r"\medskip", r"\begin{minipage}{\linewidth}\footnotesize"]
        lines += ["\n\n".join(map(_text, below)), r"\end{minipage}"]
    return "\n".join([*lines, r"\end{table}"])


def _row(figures: tuple[Figure, ...], folder: str) -> str:
    share = "0.48" if len(figures) > 1 else "0.8"
    parts = [
        "\n".join(
            [
                rf"\begin{{minipage}}[t]{{{share}\linewidth}}",
                r"\centering",
                rf"\includegraphics[width=\linewidth]{{{folder}/{figure.name}.{FORM}}}",
                rf"\caption{{\textbf{{{_text(figure.title)}.}} {_text(figure.caption)}}}",
                rf"\label{{fig:{figure.name}}}",
                r"\end{minipage}",
            ]
        )
        for figure in figures
    ]
    inside = "\\hfill\n".join(parts)
    return f"\\begin{{figure}}[H]\n\\centering\n{inside}\n\\end{{figure}}"


def _verbatim(text: str) -> str:
    """Return text as it is: every line is escaped, for nothing may end the environment."""
    lines = (
        _plain(signs(_LIGATURES.sub("{}", latex(line).translate(_STRAIGHT)))).replace(" ", "~")
        or "~"
        for line in text.splitlines()
    )
    return "{\\footnotesize\\ttfamily\\raggedright\n" + "\\\\\n".join(lines) + "\n\\par}"


def _cite(key: str) -> str:
    return rf"~\cite{{{key}}}"


def _text(text: str) -> str:
    return _plain(escaped(text))


def _plain(text: str) -> str:
    """Return LaTeX in which characters beyond Latin letters are given by their number."""
    return "".join(
        character if ord(character) < 0x180 else rf"\unicodecharacter{{{ord(character):04X}}}"
        for character in text
    )
