"""The content security policy of a page: it runs its own scripts and styles, and nothing else.

Each script and style sheet is allowed by its hash, so what a name or a file smuggles into the page
neither runs nor is styled, even if escaping failed. Nothing may be turned into code (``eval``), and
nothing may be loaded. See https://www.w3.org/TR/CSP3/.
"""

import base64
import hashlib
from collections.abc import Sequence

from markupsafe import Markup


def policy(scripts: Sequence[Markup], styles: Sequence[Markup]) -> Markup:
    """Return the policy of a page, the value of an attribute in double quotes.

    Args:
        scripts: The contents of its scripts: all that stands between the tags.
        styles: The same for its style sheets.
    """
    directives = {
        "default-src": ["'none'"],
        "script-src": [*map(_source, scripts)] or ["'none'"],
        "style-src": [*map(_source, styles)] or ["'none'"],
        "img-src": ["data:", "blob:"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    text = "; ".join(" ".join((name, *sources)) for name, sources in directives.items())
    return Markup(text)  # noqa: S704 - keywords and Base64


def _source(contents: Markup) -> str:
    digest = hashlib.sha256(contents.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
