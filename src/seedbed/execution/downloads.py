"""Progress of downloads on standard error: bars in a terminal, otherwise one line per file."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from seedbed.data.remote_file import Progress


@contextmanager
def download_progress() -> Iterator[Progress]:
    """Yield a callback that shows the progress of downloads while the block runs."""
    if not sys.stderr.isatty():
        yield _PlainProgress()
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks = {}

        def report(name: str, done: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name)
            bars.update(tasks[name], completed=done, total=total)

        yield report


class _PlainProgress:
    """Prints a line when the download of a file starts, for logs and pipes."""

    def __init__(self) -> None:
        self._started: set[str] = set()

    def __call__(self, name: str, done: int, total: int | None) -> None:  # noqa: ARG002
        if name not in self._started:
            self._started.add(name)
            size = f", {total / 1e6:.1f} MB" if total else ""
            print(f"downloading {name}{size}", file=sys.stderr, flush=True)  # noqa: T201
