"""The one way out of every command: whatever happens, one line and an exit status."""

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Callable
from typing import Final

from seedbed.cli.stops import Stops
from seedbed.cli.streams import OutputError, finish_output, take_streams
from seedbed.core.errors import SeedbedError, StoreError

NO_OUTPUT: Final = 1
MISTAKE: Final = 2
INTERNAL: Final = 70
STATUSES: Final = {
    "0": "done",
    f"{NO_OUTPUT}": "the output could not be written, its reader has gone, `verify` has a doubt, "
    "`data check` has found something wrong, or `merge` has left out a damaged run",
    f"{MISTAKE}": "something that you can fix; one line says what",
    f"{INTERNAL}": "an error in Seedbed; one line says where the report of it is",
    "129, 130, 143": "stopped by a closed terminal, by Ctrl-C, by SIGTERM",
}
"""Exit status -> what it means."""
DEBUG: Final = "SEEDBED_DEBUG"
"""Variable of the environment: if it is set, errors show their traceback."""


def guarded(command: Callable[[], int], *, owns_process: bool) -> int:
    """Run a command and return its exit status.

    Args:
        command: What to run; returns its exit status.
        owns_process: Whether the streams and signals of this process are the command's.

    Raises:
        SystemExit: If the command does, and all output has been written.

    """
    stops = Stops()
    try:
        try:
            if owns_process:
                stops.take()
                take_streams()
            status = _finished(command)
        except SystemExit:
            stops.release()
            raise
        except BaseException as error:
            told = error if _is_of_a_file(error) else stops.first or error
            if told is not error:  # a library raised a KeyboardInterrupt of its own, as Ray does
                told.__notes__ = getattr(error, "__notes__", [])
            status = _tell(told)
            if owns_process and _is_lack_of_memory(error):
                os._exit(status)  # libraries that were loaded halfway may crash as Python ends
        stops.release()
    except KeyboardInterrupt as stopped:  # while the line was written
        status = _tell(stopped)
    return status


def _is_of_a_file(error: BaseException) -> bool:
    """Return whether a file is at fault, and not a signal that has stopped its reader or writer."""
    if not isinstance(error, StoreError):
        return False
    before: BaseException | None = error
    while before is not None and not isinstance(before, KeyboardInterrupt):
        before = before.__context__
    return before is None


def _finished(command: Callable[[], int]) -> int:
    """Run a command and write the last of its output."""
    try:
        status = command()
    except SystemExit:  # argparse ends with it, and drops failures to write
        finish_output()
        raise
    finish_output()
    return status


def _tell(error: BaseException) -> int:
    """Say in one line how a command has failed, and return its exit status."""
    with contextlib.suppress(OSError):
        sys.stdout.flush()
    if isinstance(error, BrokenPipeError):
        return NO_OUTPUT
    debug = bool(os.environ.get(DEBUG))
    if debug:
        import traceback

        traceback.print_exception(error)
    if isinstance(error, KeyboardInterrupt):
        _print("; ".join(["stopped", *getattr(error, "__notes__", [])]))
        return 128 + getattr(error, "number", signal.SIGINT)
    if isinstance(error, SeedbedError):
        _print(f"error: {error}")
        return NO_OUTPUT if isinstance(error, OutputError) else MISTAKE
    if _is_lack_of_memory(error):
        _print(f"error: not enough memory: {error}" if str(error) else "error: not enough memory")
        return MISTAKE
    if isinstance(error, OSError):
        _print(f"error: {_with_path(error)}")
        return MISTAKE
    if isinstance(error, UnicodeEncodeError) and error.encoding == sys.getfilesystemencoding():
        _print(
            f"error: {error.object!r}: file names are in {error.encoding} here, which lacks some "
            "of its characters (set PYTHONUTF8=1)"
        )
        return MISTAKE
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    _print(f"internal error: {what}" + ("" if debug else f"; {_report(error)}"))
    return INTERNAL


def _print(text: str) -> None:
    from seedbed.display.escape import printable

    print(f"seedbed: {printable(' '.join(text.split()))}", file=sys.stderr, flush=True)


def _is_lack_of_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    signs = "can't start new thread", "failed to map segment", "annot allocate memory"
    return isinstance(error, RuntimeError | ImportError) and any(
        sign in str(error) for sign in signs
    )


def _with_path(error: OSError) -> str:
    paths = [os.fsdecode(path) for path in (error.filename, error.filename2) if path is not None]
    return ": ".join([*paths, error.strerror or str(error) or type(error).__name__])


def _report(error: BaseException) -> str:
    """Write what is needed to find the cause of an error, and say where it is."""
    import tempfile

    try:
        with tempfile.NamedTemporaryFile(
            "w",
            prefix="seedbed-error-",
            suffix=".txt",
            delete=False,
            encoding="utf-8",
            errors="backslashreplace",
        ) as file:
            file.write(_report_text(error))
    except OSError as failure:
        return f"no report could be written ({_with_path(failure)}); {DEBUG}=1 shows the traceback"
    return f"a report was written to {file.name}"


def _report_text(error: BaseException) -> str:
    import platform
    import shlex
    import time
    import traceback
    from importlib import metadata
    from pathlib import Path

    found = [name for name in ("seedbed", "numpy", "torch") if name in sys.modules]
    lines = [
        f"Command: {shlex.join(sys.argv)}",
        f"Folder: {Path.cwd()}",
        f"Time: {time.strftime('%Y-%m-%dT%H:%M:%S%z')}",
        f"Python {platform.python_version()} on {platform.platform()}",
        *(f"{name} {metadata.version(name)}" for name in found),
        "",
    ]
    return "\n".join(lines) + "\n" + "".join(traceback.format_exception(error))
