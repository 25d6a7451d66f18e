"""How a name that is not known is answered."""

from collections.abc import Iterable
from difflib import get_close_matches


def unknown(kind: str, name: object, known: Iterable[str]) -> str:
    """Say that ``name`` is unknown, which known name is nearest, and which there are."""
    names = list(known)
    return f"unknown {kind} {name!r}{did_you_mean(name, names)}; expected one of {', '.join(names)}"


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return ``" (did you mean 'mnist'?)"`` with the nearest known name, or nothing."""
    found = get_close_matches(str(name), list(known), n=1)
    return f" (did you mean {found[0]!r}?)" if found else ""
