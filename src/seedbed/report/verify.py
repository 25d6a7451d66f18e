"""Checks what pages have left in the folder of a study: the page, its pictures, and figures."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from seedbed.analysis.summary_file import fingerprint
from seedbed.analysis.verify.finding import Finding
from seedbed.core.errors import StoreError
from seedbed.core.seal import is_sealed
from seedbed.study.store.names import REPORT, RUNNING, THUMBNAILS

FIGURES: Final = "figures"
_RESULTS: Final = re.compile(rb"<!-- checksum [0-9a-f]{64}, results (\w+) -->")


def check_pages(folder: Path) -> Iterator[Finding]:
    """Check the page of a study, and the pictures that are kept for later ones.

    Args:
        folder: Of the study.
    """
    if os.path.lexists(folder / REPORT):
        yield _page(folder)
    if os.path.lexists(folder / THUMBNAILS):
        yield _thumbnails(folder)
    if (folder / FIGURES).is_dir():
        text = "carry no checksum, so they are not checked (`seedbed figures` draws them again)"
        yield Finding(FIGURES, text, "open")


def is_current(folder: Path, results: str | None) -> bool:
    """Whether the page in a folder is as it was written, and was made from these results.

    Args:
        folder: Of the study.
        results: Their hash, ``source_hash`` of the summary.
    """
    try:
        contents = (folder / REPORT).read_bytes()
    except OSError:  # there is none
        return False
    made_from = _RESULTS.search(contents)
    known = made_from is not None and results is not None and made_from[1] == results.encode()
    return known and is_sealed(contents)


def _page(folder: Path) -> Finding:
    try:
        contents = (folder / REPORT).read_bytes()
        known = fingerprint(folder)
    except (OSError, StoreError) as error:
        return Finding(REPORT, f"cannot be read: {error}", "doubt")
    results = _RESULTS.search(contents)
    if results is None or not is_sealed(contents):
        return Finding(REPORT, "was changed after it was written", "doubt")
    if results[1] == RUNNING.encode():
        return Finding(REPORT, "was written while the study was running", "open")
    if results[1] != known.encode():
        text = "is stale: it was made from other results (`seedbed report` makes it again)"
        return Finding(REPORT, text, "doubt")
    return Finding(REPORT, "was made from these results")


def _thumbnails(folder: Path) -> Finding:
    from seedbed.report.pictures.thumbnails import has_its_pixels, read_thumbnails

    try:
        if not is_sealed((folder / THUMBNAILS).read_bytes()):
            return Finding(THUMBNAILS, "was changed after it was written", "doubt")
    except OSError as error:
        return Finding(THUMBNAILS, f"cannot be read: {error.strerror}", "doubt")
    kept = read_thumbnails(folder)
    wrong = [
        content_hash
        for pictures in (kept.small, kept.full)
        for content_hash, data in pictures.items()
        if not has_its_pixels(data, content_hash)
    ]
    if wrong:
        count = "1 picture is" if len(wrong) == 1 else f"{len(wrong)} pictures are"
        return Finding(THUMBNAILS, f"{count} not of the image that it is named for", "doubt")
    return Finding(THUMBNAILS, f"{len(kept)} pictures, unchanged")
