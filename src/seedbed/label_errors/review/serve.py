"""Serve a review until Ctrl-C."""

import os
import sys
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from seedbed.core.errors import StudyError
from seedbed.label_errors.audit import AuditedFolder
from seedbed.label_errors.review.gallery import Gallery
from seedbed.label_errors.review.review import Review, only_here
from seedbed.label_errors.review.server import ReviewServer

PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="0;url={address}">
<title>Review</title>
<p><a href="{address}">Open the review</a>
"""
"""What leads the browser to the review."""


def serve_review(
    found: AuditedFolder, reviewer: str, say: Callable[[str], None], port: int | None = None
) -> None:
    """Serve the review of an audit, and open it in the browser; Ctrl-C ends it.

    Args:
        found: The audit.
        reviewer: The name of who reviews.
        say: Called with each line for the user.
        port: Of this machine, 1 to 65535; by default any that is free.

    Raises:
        StudyError: If the name or the port cannot be used, or the audited labels are not those of
            the dataset.
        StoreError: If the answers cannot be read or written.
    """
    check_labels(found)
    with only_here(found.folder, reviewer):
        gallery = Gallery(found.audit, found.features())
        review = Review(gallery, found.folder, reviewer, found.dataset.fingerprint)
        with ReviewServer(review, port) as server, ExitStack() as stack:
            say(f"Review as {reviewer}: {server.address}")
            say("Every answer is kept at once. Press Ctrl-C to end the review.")
            if _has_display():
                stack.enter_context(opened(server.address))
            try:
                server.serve_forever(poll_interval=0.2)
            except KeyboardInterrupt:
                say("")
        for line in review.finish():
            say(line)


@contextmanager
def opened(address: str) -> Iterator[None]:
    """Open an address in the browser, by a file that only this user can read.

    Other users see the command line of the browser. The file is removed at the end of the block.

    Raises:
        OSError: If the file cannot be written.
    """
    with TemporaryDirectory(prefix="seedbed-") as folder:  # with mode 0700
        page = Path(folder) / "review.html"
        page.touch(0o600)
        page.write_text(PAGE.format(address=escape(address)), encoding="utf-8")
        webbrowser.open(page.as_uri())
        yield


def check_labels(found: AuditedFolder) -> None:
    """Raise :class:`StudyError` if corrections could not be applied to the dataset as it is."""
    configuration = found.study.spec.configurations[0]
    where, hint = str(Path(found.folder)), "audit the dataset itself"
    if configuration.noise.active:
        raise StudyError("its label noise is planted, not given", where=where, hint=hint)
    if configuration.dataset.corrections is not None:
        raise StudyError("its labels are corrected already", where=where, hint=hint)


def _has_display() -> bool:
    """Return whether a browser would open a window, and not take over the terminal."""
    return sys.platform in ("darwin", "win32") or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
