"""The templates, styles and scripts of a page, in ``assets/``."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from seedbed.display.escape import printable
from seedbed.display.formatters import shortened
from seedbed.report.page.data import as_script

SCRIPTS: Final = (
    "base.js",
    "saving.js",
    "charts.js",
    "pictures.js",
    "parts",
    "terms.js",
    "tools.js",
)
"""In this order; a folder stands for all scripts in it, which need nothing of each other."""
STYLES: Final = ("page.css", "parts.css", "inside.css", "print.css")


@cache
def environment() -> Environment:
    """Return the templates' environment, which escapes every text."""
    templates = Environment(
        loader=FunctionLoader(lambda name: _read(_assets() / "templates" / name)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    templates.filters |= {"script": as_script, "shortened": shortened}
    return templates


@cache
def styles() -> Markup:
    """Return the style sheets, one after the other."""
    return _joined(*(_read(_assets() / "styles" / name) for name in STYLES))


@cache
def scripts() -> Markup:
    """Return our own scripts, one after the other."""
    texts: list[str] = []
    for name in SCRIPTS:
        path = _assets() / "scripts" / name
        files = [path] if path.is_file() else sorted(path.iterdir(), key=lambda file: file.name)
        texts += map(_read, files)
    return _joined(*texts)


def _joined(*texts: str) -> Markup:
    return Markup("\n".join(texts))  # noqa: S704 - written by us


def _read(file: Traversable) -> str:
    return file.read_text(encoding="utf-8")


def _assets() -> Traversable:
    return resources.files("seedbed.report.page") / "assets"


def _shown(value: Any) -> Any:
    """Escape control and bidirectional characters in the texts of users."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return "\n".join(map(printable, value.split("\n")))
