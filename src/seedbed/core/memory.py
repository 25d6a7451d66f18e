"""How much memory this process may use: of the machine, of its container, and of its limits."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

FEWEST: Final = 512 << 20
"""Bytes of addresses; a table takes 220 MiB of them, with one thread of OpenBLAS."""
UNKNOWN: Final = 64 << 30
"""Where the system does not tell, as on Windows."""
_CONTROL_GROUPS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""Of the second and the first version of Linux's control groups, which limit containers."""


def usable_memory() -> int:
    """Return the bytes that this process may use: the smallest of all limits."""
    return min(_limits(), default=UNKNOWN)


def check_start() -> None:
    """Reject a limit of this process's addresses in which NumPy and SciPy cannot be imported.

    OpenBLAS, which both bring along, loops for ever where it finds no memory while it is loaded.

    Raises:
        MemoryError: If the limit (``ulimit -v``) is below :data:`FEWEST`.
    """
    limit = min(_resource_limits(), default=FEWEST)
    if limit < FEWEST:
        raise MemoryError(
            f"this process may use {limit >> 20} MiB of addresses (ulimit -v); it needs "
            f"{FEWEST >> 20} MiB or more"
        )


def _limits() -> Iterator[int]:
    try:
        yield os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        yield UNKNOWN
    for file in _CONTROL_GROUPS:
        try:
            text = file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if text.isdecimal():  # "max" where there is no limit
            yield int(text)
    yield from _resource_limits()


def _resource_limits() -> Iterator[int]:
    try:
        import resource
    except ImportError:
        return
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        soft, _ = resource.getrlimit(kind)
        if soft != resource.RLIM_INFINITY:
            yield soft
