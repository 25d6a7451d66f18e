"""Serve a review until Ctrl-C."""

import os
import sys
import webbrowser
from collections.abc import Callable
from pathlib import Path

from seedbed.core.errors import StudyError
from seedbed.label_errors.audit import AuditedFolder
from seedbed.label_errors.review.gallery import Gallery
from seedbed.label_errors.review.review import Review, only_here
from seedbed.label_errors.review.server import ReviewServer


def serve_review(found: AuditedFolder, reviewer: str, say: Callable[[str], None]) -> None:
    """Serve the review of an audit, and open it in the browser; Ctrl-C ends it.

    Args:
        found: The audit.
        reviewer: The name of who reviews.
        say: Called with each line for the user.

    Raises:
        StudyError: If the name cannot be used, or the audited labels are not those of the dataset.
        StoreError: If the answers cannot be read or written.
    """
    check_labels(found)
    with only_here(found.folder, reviewer):
        gallery = Gallery(found.audit, found.features())
        review = Review(gallery, found.folder, reviewer, found.dataset.fingerprint)
        with ReviewServer(review) as server:
            say(f"Review as {reviewer}: {server.address}")
            say("Every answer is kept at once. Press Ctrl-C to end the review.")
            if _has_display():
                webbrowser.open(server.address)
            try:
                server.serve_forever(poll_interval=0.2)
            except KeyboardInterrupt:
                say("")
        for line in review.finish():
            say(line)


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
