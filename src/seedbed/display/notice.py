"""Notices: what the user should know although the command goes on."""

import sys

from seedbed.display.escape import printable


def notice(text: str) -> None:
    """Print a line on standard error."""
    print(f"seedbed: {printable(text)}", file=sys.stderr, flush=True)  # noqa: T201
