"""A document as a notebook that computes it from the study, stored with its outputs.

Every number stands in the output of a cell. Outputs are made here by the calls that the cells
contain, so a notebook shows them before it is executed, and the same ones afterwards.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from textwrap import fill
from typing import Any, Final

from seedbed.display.escape import markdown
from seedbed.report.documents.markdown import words
from seedbed.report.documents.model import (
    Block,
    Call,
    Document,
    Figures,
    Methods,
    Sentences,
    Tables,
)
from seedbed.report.methods.paragraph import by_author, cited
from seedbed.report.notebook import Results
from seedbed.report.notebook_chart import NotebookChart, NotebookPicture

Cell = dict[str, Any]

KERNEL: Final[Mapping[str, str]] = {
    "display_name": "Python 3",
    "language": "python",
    "name": "python3",
}


def render(document: Document, study: Results, opened: str) -> str:
    """Return a document as a notebook: JSON, format 4.5.

    Args:
        document: What to write.
        study: What it was made of.
        opened: The call that opens the study, as in ``open(".")``.
    """
    cells = list(_cells(document, study, opened))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    count = 0
    for cell in cells:
        if cell["cell_type"] == "code":
            count += 1
            cell["execution_count"] = count
            for output in cell["outputs"]:
                if output["output_type"] == "execute_result":
                    output["execution_count"] = count
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": dict(KERNEL),
            "language_info": {"name": "python"},
            "title": document.title,
            "seedbed": metadata.version("seedbed"),
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _cells(document: Document, study: Results, opened: str) -> Iterator[Cell]:
    about = [markdown(line) for line in (document.author, document.about) if line]
    yield _markdown("\n\n".join([f"# {markdown(document.title)}", *about]))
    yield _code(f"from textwrap import fill\n\nimport seedbed\n\nstudy = seedbed.{opened}", [])
    if document.abstract:
        yield _block(document.abstract, study)[0]
    for section in document.sections:
        yield _markdown(f"## {markdown(section.title)}")
        for block in section.blocks:
            yield from _block(block, study)


def _block(block: Block, study: Results) -> list[Cell]:
    match block:
        case Methods(call, paragraphs):
            return [_printed(call, [cited(text, by_author) for text in paragraphs])]
        case Sentences(call, sentences):
            return [_printed(call, sentences)]
        case Tables(call):
            return [_shown(call, study)]
        case Figures(figures):
            return [_shown(figure.call, study) for figure in figures]
        case _:
            return [_markdown("\n\n".join(words(block)))]


def _markdown(text: str) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": _lines(text)}


def _code(source: str, outputs: Sequence[dict[str, Any]]) -> Cell:
    return {
        "cell_type": "code",
        "metadata": {},
        "source": _lines(source),
        "outputs": list(outputs),
        "execution_count": None,
    }


def _printed(call: Call, sentences: Sequence[str]) -> Cell:
    # Some viewers do not wrap what is printed.
    text = "\n\n".join(map(fill, sentences)) + "\n"
    stream = {"output_type": "stream", "name": "stdout", "text": _lines(text)}
    return _code(f'print(*map(fill, study.{call}), sep="\\n\\n")', [stream])


def _shown(call: Call, study: Results) -> Cell:
    data = {kind: _lines(text) for kind, text in _representations(call(study)).items()}
    result = {"output_type": "execute_result", "data": data, "metadata": {}}
    return _code(f"study.{call}", [result])


def _representations(value: Any) -> dict[str, str]:
    """Return what IPython stores of a value, whichever renderer Altair has in this session."""
    if isinstance(value, NotebookChart | NotebookPicture):
        return value.bundle()
    return {"text/plain": repr(value), "text/html": value._repr_html_()}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
