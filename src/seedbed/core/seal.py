r"""Seals: a file carries its own checksum, so that a change after it was written is noticed.

The checksum is the SHA-256 of the file with the 64 digits of the checksum itself replaced by zeros.
These digits follow the first word ``checksum`` in the file, so that one rule serves JSON
(``"checksum": "…"``), TOML (``checksum = "…"``) and the comment of an NPZ archive. Anybody can
check it without Seedbed::

    sed -E '0,/(checksum\W*)[0-9a-f]{64}/s//\1'$(printf %064d 0)'/' run.json | sha256sum

A seal shows damage and edits by hand. It is no signature: whoever wants to can seal a file again.
``seedbed verify`` recomputes what the file says.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

BLANK: Final = "0" * 64
"""Room for a seal, in the contents that :func:`sealed` is given."""

_DIGITS: Final = re.compile(rb"checksum\W{1,5}([0-9a-f]{64})")


def sealed(contents: bytes) -> bytes:
    """Return the contents of a file with its checksum in the room for it.

    Raises:
        ValueError: If there is no room for a checksum, such as ``"checksum": "000…"``.
    """
    digits = _DIGITS.search(contents)
    if digits is None:
        raise ValueError("the contents have no room for a checksum")
    start, end = digits.span(1)
    return b"".join((contents[:start], _digest(contents, start, end), contents[end:]))


def sealed_parts(parts: Sequence[bytes | memoryview]) -> list[bytes | memoryview]:
    """Return the parts of a file that is too large to be put together, with its checksum.

    Args:
        parts: In their order. The first one has room for the checksum, as in :func:`sealed`.

    Raises:
        ValueError: If it has none.
    """
    first, *rest = parts
    head = bytes(first)
    digits = _DIGITS.search(head)
    if digits is None:
        raise ValueError("the contents have no room for a checksum")
    start, end = digits.span(1)
    digest = hashlib.sha256(head)  # its digits are blank
    for part in rest:
        digest.update(part)
    return [b"".join((head[:start], digest.hexdigest().encode(), head[end:])), *rest]


def is_broken(contents: bytes) -> bool:
    """Return whether contents carry a checksum that is not theirs."""
    return _DIGITS.search(contents) is not None and not is_sealed(contents)


def is_sealed(contents: bytes) -> bool:
    """Return whether contents carry a checksum, and are unchanged since they were sealed."""
    digits = _DIGITS.search(contents)
    return digits is not None and digits[1] == _digest(contents, *digits.span(1))


def _digest(contents: bytes, start: int, end: int) -> bytes:
    view = memoryview(contents)
    digest = hashlib.sha256(view[:start])
    digest.update(BLANK.encode())
    digest.update(view[end:])
    return digest.hexdigest().encode()
