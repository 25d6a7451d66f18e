"""Messages about unknown names."""

from collections.abc import Iterable
from difflib import get_close_matches


def unknown(kind: str, name: object, known: Iterable[str]) -> str:
    """Return the message for an unknown name, with the nearest known name and all known names.

    Args:
        kind: What is named, for example ``"dataset"``.
        name: The unknown name.
        known: All valid names.
    """
    names = list(known)
    return f"unknown {kind} {name!r}{did_you_mean(name, names)}; expected one of {', '.join(names)}"


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return ``" (did you mean 'mnist'?)"`` with the nearest known name, or ``""``."""
    matches = get_close_matches(str(name), list(known), n=1)
    return f" (did you mean {matches[0]!r}?)" if matches else ""
