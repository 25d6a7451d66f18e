"""The JavaScript that draws charts in a browser, to be put into a page."""

import logging
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

import platformdirs

from seedbed.core.errors import StoreError
from seedbed.core.files import write_atomically
from seedbed.core.seal import BLANK, is_sealed, sealed

PACKAGE: Final = "vl-convert-python"
"""Which carries Vega, Vega-Lite and Vega-Embed."""


def default_cache() -> Path:
    """Return the folder in the user's cache that keeps the bundle."""
    return platformdirs.user_cache_path("seedbed", appauthor=False) / "scripts"


@cache
def vega_script(folder: Path | None = None) -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script, which sets ``vegaEmbed``.

    Bundling takes seconds, so the script is cached in a folder, by version, with a checksum of
    itself. Without write access it is bundled every time.

    Args:
        folder: The cache; :func:`default_cache` by default.

    """
    file = (folder or default_cache()) / f"vega-{metadata.version(PACKAGE)}.js"
    try:
        cached = file.read_bytes()
    except OSError:
        cached = b""
    if is_sealed(cached):
        return cached.decode()
    from vl_convert import javascript_bundle  # it starts a JavaScript engine

    bundle = sealed(f"// checksum: {BLANK}\n{javascript_bundle()}".encode())  # type: ignore[call-arg]
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(file, bundle)
    except (OSError, StoreError) as error:
        logging.getLogger(__name__).info("the chart scripts are not cached: %s", error)
    return bundle.decode()
