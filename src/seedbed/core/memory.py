"""How much memory this process may use: of the machine, of its container, and of its limits."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

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
    try:
        import resource
    except ImportError:
        return
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_DATA):
        soft, _ = resource.getrlimit(kind)
        if soft != resource.RLIM_INFINITY:
            yield soft
