"""Downloads on standard error: a bar in a terminal, otherwise a line for each file."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from seedbed.data.download import Progress


@contextmanager
def download_progress() -> Iterator[Progress]:
    """Show the downloads that are reported while the block runs."""
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
    """A line when a file begins, for logs and pipes."""

    def __init__(self) -> None:
        self._begun: set[str] = set()

    def __call__(self, name: str, done: int, total: int | None) -> None:  # noqa: ARG002
        if name not in self._begun:
            self._begun.add(name)
            size = f", {total / 1e6:.1f} MB" if total else ""
            print(f"downloading {name}{size}", file=sys.stderr, flush=True)  # noqa: T201
