"""The documents of a study in files."""

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from seedbed.core.errors import StoreError
from seedbed.core.files import cannot_write, write_atomically
from seedbed.display.escape import without_folders
from seedbed.report.documents import latex, markdown, notebook, pdf
from seedbed.report.documents.build import build
from seedbed.report.documents.formats import NAMES, check
from seedbed.report.documents.model import Call, Document, Figures, References, Wording
from seedbed.report.methods.bibliography import bibtex
from seedbed.report.pictured import Pictured
from seedbed.report.renderers.latex import slug
from seedbed.study.store.study import StudyStore

_CHECKSUMS: Final = ("checksum =", "fingerprint =")
LONGEST_LIST: Final = 60
"""Characters of a list that takes one line."""
_HINT: Final = "choose another file with --out"


def write_document(
    study: Pictured,
    form: str,
    wording: Wording,
    *,
    out: Path | None = None,
    selection: Mapping[str, Sequence[str]] | None = None,
) -> Path:
    """Write the document of a study, and the files of its figures beside it.

    Args:
        study: Its results.
        form: One of :data:`NAMES`.
        wording: What its author says of the document.
        out: The file; by default that of :data:`NAMES` in the folder of the study.
        selection: Options of ``seedbed.open`` that select the configurations of the study.

    Returns:
        The file of the document.

    Raises:
        StudyError: If there is no such format.
        StoreError: If no run has finished, ``study.toml`` cannot be read, or a file cannot be
            written.
        MissingExtra: If the format needs a package that is not installed.
    """
    check(form)
    folder = study.folder
    if not any(entry.header.n for entry in study.summary):
        raise StoreError("no run has finished, so there is nothing to report", where=str(folder))
    file = out or folder / NAMES[form]
    text = StudyStore(folder).study_text()
    document = build(study, wording, study_file=None if text is None else _shareable(text))
    if form == "pdf":
        write_atomically(file, pdf.render(document), _HINT)
    elif form == "notebook":
        where = Path(os.path.relpath(folder.resolve(), file.resolve().parent)).as_posix()
        options = {name: list(values) for name, values in (selection or {}).items() if values}
        opened = str(Call("open", (where,), options))
        write_atomically(file, _bytes(notebook.render(document, study, opened)), _HINT)
    else:
        render, kind = _TEXTS[form]
        figures = file.with_name(f"{slug(file.stem)}_files")
        _write_figures(document, figures, kind)
        if form == "latex" and (keys := _cited(document)):
            write_atomically(figures / "references.bib", _bytes(bibtex(keys)), _HINT)
        write_atomically(file, _bytes(render(document, figures.name)), _HINT)
    return file


def _cited(document: Document) -> tuple[str, ...]:
    blocks = [block for section in document.sections for block in section.blocks]
    return next((block.keys for block in blocks if isinstance(block, References)), ())


def _shareable(text: str) -> str:
    """Return a study file without checksums, and without where things lie on this machine.

    The document names the fingerprints of datasets elsewhere.
    """
    lines = [line for line in text.splitlines() if not line.startswith(_CHECKSUMS)]
    return _LIST.sub(_in_one_line, without_folders("\n".join(lines)))


_LIST: Final = re.compile(r"\[\n((?: +[^\[\]{}\n]+,\n)+) *\]")
"""A list over several lines, with nothing but values in it."""


def _in_one_line(found: re.Match[str]) -> str:
    values = ", ".join(line.strip().rstrip(",") for line in found[1].splitlines())
    return f"[{values}]" if len(values) <= LONGEST_LIST else found[0]


_TEXTS: Final[Mapping[str, tuple[Callable[[Document, str], str], str]]] = {
    "markdown": (markdown.render, markdown.FORM),
    "latex": (latex.render, latex.FORM),
}


def _write_figures(document: Document, folder: Path, kind: str) -> None:
    for name, contents in _drawn(document, kind):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(folder, error, _HINT) from error
        write_atomically(folder / f"{name}.{kind}", contents, _HINT)


def _drawn(document: Document, kind: str) -> Iterator[tuple[str, bytes]]:
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, Figures):
                yield from ((figure.name, figure.draw(kind)) for figure in block.figures)


def _bytes(text: str) -> bytes:
    return text.encode(errors="replace")
