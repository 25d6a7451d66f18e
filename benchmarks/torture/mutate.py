"""Mutations of bytes and texts, drawn from a generator."""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

NUMBERS: Final = tuple(
    sign * (1 << power) + more
    for power in (0, 1, 7, 8, 15, 16, 31, 32, 53, 63, 64)
    for more in (-1, 0, 1)
    for sign in (1, -1)
)
"""Numbers at which something overflows."""
TOKENS: Final = (
    *(b"0 -1 1e400 -1e-400 nan inf -inf null true false [] {} \"\" '' [[]] {a={}}".split()),
    b"\x00",
    b"\r",
    b"\r\n",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xed\xa0\x80",
    b"\\u0000",
    b"\\ud800",
    b"../../../etc/passwd",
    b"/dev/zero",
    b'"' * 3,
    b"=" * 5,
    b"[" * 2000,
    b'{"a":' * 2000,
    b"{a=" * 2000,
    b"9" * 5000,
    b"a" * 5000,
    b",;\t",
    "٣".encode(),
    "ß運\u202e".encode(),
)
"""Texts that parsers stumble over."""
_WORD: Final = re.compile(rb"[A-Za-z_]+|-?\d+(?:\.\d+)?|\s+|.", re.DOTALL)


def mutated(data: bytes, draw: np.random.Generator, others: Sequence[bytes] = ()) -> bytes:
    """Return data with one to eight mutations.

    Args:
        data: The bytes.
        draw: Where the mutations come from.
        others: Other inputs, from which pieces may be taken.
    """
    made = bytearray(data)
    for _ in range(int(min(draw.geometric(0.5), 8))):
        _MUTATIONS[int(draw.integers(len(_MUTATIONS)))](made, draw)
        if others and draw.random() < 0.1:
            other = others[int(draw.integers(len(others)))]
            start, end = _span(other, draw)
            at = _place(made, draw)
            made[at:at] = other[start:end]
    return bytes(made)


def mutated_text(data: bytes, draw: np.random.Generator, others: Sequence[bytes] = ()) -> bytes:
    """Return a text with mutations of its words, and now and then of its bytes."""
    if draw.random() < 0.3:
        return mutated(data, draw, others)
    words = _WORD.findall(data)
    for _ in range(int(min(draw.geometric(0.5), 8))):
        at = int(draw.integers(len(words) + 1))
        kind = int(draw.integers(5))
        if kind == 0:
            words[at : at + 1] = [TOKENS[int(draw.integers(len(TOKENS)))]]
        elif kind == 1:
            words[at : at + 1] = [str(NUMBERS[int(draw.integers(len(NUMBERS)))]).encode()]
        elif kind == 2:
            del words[at : at + int(draw.integers(1, 6))]
        elif kind == 3:
            words[at:at] = words[at : at + int(draw.integers(1, 20))] * int(draw.integers(1, 4))
        elif words:
            words[at : at + 1] = [words[int(draw.integers(len(words)))]]
    return b"".join(words)


def _flip(data: bytearray, draw: np.random.Generator) -> None:
    if data:
        data[_place(data, draw) - 1] ^= 1 << int(draw.integers(8))


def _byte(data: bytearray, draw: np.random.Generator) -> None:
    if data:
        data[_place(data, draw) - 1] = int(
            draw.choice([0, 1, 127, 128, 255, int(draw.integers(256))])
        )


def _number(data: bytearray, draw: np.random.Generator) -> None:
    size = int(draw.choice([1, 2, 4, 8]))
    order = "little" if draw.random() < 0.5 else "big"
    value = NUMBERS[int(draw.integers(len(NUMBERS)))] % (1 << (8 * size))
    at = _place(data, draw)
    data[at : at + size] = value.to_bytes(size, order)  # type: ignore[arg-type]


def _cut(data: bytearray, draw: np.random.Generator) -> None:
    start, end = _span(data, draw)
    del data[start:end]


def _truncate(data: bytearray, draw: np.random.Generator) -> None:
    del data[_place(data, draw) :]


def _repeat(data: bytearray, draw: np.random.Generator) -> None:
    start, end = _span(data, draw)
    data[end:end] = data[start:end] * int(draw.integers(1, 5))


def _insert(data: bytearray, draw: np.random.Generator) -> None:
    at = _place(data, draw)
    data[at:at] = draw.integers(0, 256, int(draw.integers(1, 30)), dtype=np.uint8).tobytes()


def _token(data: bytearray, draw: np.random.Generator) -> None:
    at = _place(data, draw)
    data[at:at] = TOKENS[int(draw.integers(len(TOKENS)))]


def _zeros(data: bytearray, draw: np.random.Generator) -> None:
    start, end = _span(data, draw)
    data[start:end] = bytes(end - start)


_MUTATIONS: Final = (_flip, _byte, _number, _cut, _truncate, _repeat, _insert, _token, _zeros)


def _place(data: bytes | bytearray, draw: np.random.Generator) -> int:
    """Return a place, more often near the start, where headers are."""
    if draw.random() < 0.4:
        return int(draw.integers(min(len(data), 64) + 1))
    return int(draw.integers(len(data) + 1))


def _span(data: bytes | bytearray, draw: np.random.Generator) -> tuple[int, int]:
    start = _place(data, draw)
    return start, min(len(data), start + int(draw.geometric(0.05)))
