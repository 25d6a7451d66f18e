"""The JavaScript that draws charts in a browser, to be put into a page."""

import logging
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

import platformdirs

from seedbed.core.errors import StoreError
from seedbed.core.files import write_atomically

PACKAGE: Final = "vl-convert-python"
"""Which carries Vega, Vega-Lite and Vega-Embed."""
NEEDED: Final = "window.vegaEmbed="
"""How a bundle ends that is whole."""


def default_cache() -> Path:
    """Return where the bundle is kept between two pages: in the user's own cache."""
    return platformdirs.user_cache_path("seedbed", appauthor=False) / "scripts"


@cache
def vega_script(folder: Path | None = None) -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script, which sets ``vegaEmbed``.

    It takes seconds to be put together, so it is kept in a folder, under the version that it is of.
    Where that cannot be written, it is made every time.

    Args:
        folder: Where it is kept; :func:`default_cache` by default.

    """
    place = (folder or default_cache()) / f"vega-{metadata.version(PACKAGE)}.js"
    try:
        found = place.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        found = ""
    if NEEDED in found[-200:]:
        return found
    from vl_convert import javascript_bundle  # it starts an engine of its own

    made: str = javascript_bundle()  # type: ignore[call-arg]
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(place, made.encode())
    except (OSError, StoreError) as error:
        logging.getLogger(__name__).info("the scripts of charts are not kept: %s", error)
    return made
