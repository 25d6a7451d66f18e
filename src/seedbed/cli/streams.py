"""Standard output and standard error that never stop the work behind them.

What cannot be written, because a disk is full or a stream is closed, is remembered rather than
raised: a study that has been trained still gets its page, and the command fails at its end.
"""

import codecs
import errno
import io
import os
import sys
from typing import Final, TextIO

from seedbed.core.errors import SeedbedError

PLAIN: Final = {
    **dict.fromkeys("─–—−", "-"),
    **dict.fromkeys("├└", "+"),
    **dict.fromkeys("“”", '"'),
    "│": "|",
    "·": ".",
    "×": "x",
    "±": "+-",
    "→": "->",
    "≤": "<=",
    "≥": ">=",
    "…": "...",
}
"""What stands for characters that an encoding lacks; any other is written as its code."""


class OutputError(SeedbedError):
    """Output that could not be written."""


class _File(io.FileIO):
    """A stream that remembers its first failure, and drops what comes after it."""

    failure: OSError | None = None

    def write(self, data) -> int:  # type: ignore[no-untyped-def]
        """Write bytes.

        Raises:
            BrokenPipeError: If the reader has gone. Then it is right to stop.
        """
        if self.failure is None:
            try:
                return super().write(data)
            except OSError as error:
                self.failure = error
                if isinstance(error, BrokenPipeError):
                    raise
        return len(data)


def take_streams() -> None:
    """Replace the two streams of this process."""
    codecs.register_error("seedbed.plain", _plain)
    sys.stdout = _stream(1, sys.stdout)
    sys.stderr = _stream(2, sys.stderr)


def finish_output() -> None:
    """Write what is left of the output.

    Raises:
        BrokenPipeError: If the reader has gone.
        OutputError: If any of it could not be written.
    """
    sys.stdout.flush()
    file = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    failure = file.failure if isinstance(file, _File) else None
    if isinstance(failure, BrokenPipeError):
        raise failure
    if failure is not None:
        closed = failure.errno == errno.EBADF
        raise OutputError(
            f"cannot write it: {'it is closed' if closed else failure.strerror}",
            where="standard output",
        ) from failure


def _stream(descriptor: int, before: TextIO | None) -> TextIO:
    if before is None:  # It is closed: the next file that is opened would take its number.
        null = os.open(os.devnull, os.O_RDONLY)
        if null != descriptor:
            os.dup2(null, descriptor)
            os.close(null)
    return io.TextIOWrapper(
        io.BufferedWriter(_File(descriptor, "w", closefd=False)),
        encoding=_usable(before.encoding) if before else "utf-8",
        errors="seedbed.plain",
        line_buffering=descriptor == 2 or bool(before and before.isatty()),
    )


def _usable(encoding: str) -> str:
    """Return an encoding, or UTF-8 if it can write nothing else than what it has characters for."""
    try:
        "±".encode(encoding, "seedbed.plain")
    except (LookupError, UnicodeError):
        return "utf-8"
    return encoding


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    assert isinstance(error, UnicodeEncodeError), "it is for writing only"
    known = PLAIN.get(error.object[error.start])
    if known is None:
        error.end = error.start + 1
        return codecs.backslashreplace_errors(error)
    return known, error.start + 1
