"""The formats of documents: their names, and what each needs."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Final

from seedbed.core.errors import MissingExtra, StudyError
from seedbed.core.suggestions import unknown

NAMES: Final[Mapping[str, str]] = {
    "notebook": "report.ipynb",
    "pdf": "report.pdf",
    "markdown": "report.md",
    "latex": "report.tex",
}
"""Each format with the file that it is written to in the folder of a study."""


def check(form: str) -> None:
    """Check that a format can be written.

    Raises:
        StudyError: If there is no such format.
        MissingExtra: If it needs a package that is not installed.
    """
    if form not in NAMES:
        raise StudyError(unknown("format", form, NAMES))
    if form == "pdf":
        check_typst()


def check_typst() -> None:
    """Raise :class:`MissingExtra` if Typst is not installed."""
    if find_spec("typst") is None:
        raise MissingExtra("pdf", "--to pdf")
