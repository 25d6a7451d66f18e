"""The templates, styles and scripts of a page, in ``assets/``."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from seedbed.display.escape import printable
from seedbed.report.page.data import as_script

SCRIPTS: Final = ("base.js", "charts.js", "pictures.js", "parts", "tools.js")
"""In this order; a folder stands for all scripts in it, which need nothing of each other."""
STYLES: Final = ("page.css", "parts.css", "inside.css", "print.css")


@cache
def environment() -> Environment:
    """Return where templates are found; it escapes every text."""
    found = Environment(
        loader=FunctionLoader(lambda name: _read(_assets() / "templates" / name)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    found.filters["script"] = as_script
    return found


@cache
def styles() -> Markup:
    """Return the style sheets, one after the other."""
    return _joined(*(_read(_assets() / "styles" / name) for name in STYLES))


@cache
def scripts() -> Markup:
    """Return our own scripts, one after the other."""
    found: list[str] = []
    for name in SCRIPTS:
        place = _assets() / "scripts" / name
        files = [place] if place.is_file() else sorted(place.iterdir(), key=lambda file: file.name)
        found += map(_read, files)
    return _joined(*found)


def _joined(*texts: str) -> Markup:
    return Markup("\n".join(texts))  # noqa: S704 - written by us


def _read(file: Traversable) -> str:
    return file.read_text(encoding="utf-8")


def _assets() -> Traversable:
    return resources.files("seedbed.report.page") / "assets"


def _shown(value: Any) -> Any:
    """Let no text of a user's drive the reader's eyes, as it could not drive a terminal."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return "\n".join(map(printable, value.split("\n")))
