"""Messages about unknown names."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

from seedbed.core.synonyms import synonyms

SHORTEST_PREFIX: Final = 3
"""Characters: what is shorter begins too many names."""
MOST_LISTED: Final = 40
"""Names that are listed as expected."""
MOST: Final = 3
"""Names that are suggested at once."""


def unknown(kind: str, name: object, known: Iterable[str], elsewhere: Iterable[str] = ()) -> str:
    """Return the message for an unknown name, with the nearest known name and all known names.

    Args:
        kind: What is named, for example ``"dataset"``.
        name: The unknown name.
        known: All valid names.
        elsewhere: Names that are valid in another place, with their path.
    """
    names, others = list(known), list(elsewhere)
    meant = _same(name, [*names, *others]) or nearest(name, names) or nearest(name, others)
    suggestion = _question(meant)
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    listed = ", ".join(names[:MOST_LISTED])
    return f"unknown {kind} {name!r}{suggestion}; expected one of {listed}{more}"


def did_you_mean(name: object, known: Iterable[str]) -> str:
    """Return ``" (did you mean 'mnist'?)"`` with the nearest known names, or ``""``."""
    return _question(nearest(name, known))


def nearest(name: object, known: Iterable[str]) -> list[str]:
    """Return the known names that a wrong one most likely means, or none.

    The first of these that there are: the same name in another spelling (``FashionMNIST``), names
    that it is another word for (``lr``), names that begin with it or that it begins with
    (``LeNet``), and the most similar name (``minst``). Of a known name with a path, such as
    ``recipe.epochs`` or ``data download``, the last part is enough.

    Args:
        name: The wrong name.
        known: All valid names.
    """
    names, word = list(dict.fromkeys(known)), plain(str(name))
    if same := _same(name, names):
        return same
    begun = [known for known in names if _begins(word, plain(known))]
    if begun and len(begun) < len(names):
        return begun[:MOST]
    spelled: dict[str, str] = {}
    for known in reversed(names):
        spelled |= {plain(_last(known)): known, plain(known): known}
    return [spelled[match] for match in get_close_matches(word, spelled, n=1)]


def _same(name: object, names: Iterable[str]) -> list[str]:
    """Return the names that are the same in another spelling, or else those with that meaning."""
    word = plain(str(name))
    spelled = {known: {plain(known), plain(_last(known))} for known in names}
    meant = set(map(plain, synonyms(word)))
    same = [known for known, words in spelled.items() if word and word in words]
    return (same or [known for known, words in spelled.items() if meant & words])[:MOST]


def _question(names: Sequence[str]) -> str:
    return f" (did you mean {' or '.join(map(repr, names))}?)" if names else ""


def plain(name: str) -> str:
    """Return a name without case, spaces and punctuation."""
    return "".join(filter(str.isalnum, name.casefold()))


def _last(name: str) -> str:
    return name.replace(" ", ".").rpartition(".")[2]


def _begins(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= SHORTEST_PREFIX and longer.startswith(shorter)
