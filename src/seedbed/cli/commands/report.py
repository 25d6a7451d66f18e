"""Write the results of a study as one HTML page that opens offline, or as a document to hand in.

While the study is being trained, --watch updates the page as epochs and runs finish.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import Final

from seedbed import workflow
from seedbed.analysis.entry import Entry
from seedbed.cli.selection import add_selection
from seedbed.core.errors import StudyError
from seedbed.display.escape import printable
from seedbed.report.documents.formats import NAMES, check
from seedbed.report.page.file import write_report
from seedbed.report.page.page import Progress
from seedbed.study.progress import StudyProgress, read_progress
from seedbed.study.store.study import StudyStore

PAGE: Final = "html"
INTERVAL: Final = 5.0
"""Seconds between two checks of a study that is being trained."""
RELOAD: Final = 10
"""Seconds after which the page of a study that is being trained reloads itself."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed report``."""
    parser.add_argument(
        "folder",
        type=Path,
        metavar="DIR",
        help="results of a study, such as studies/mnist, or of seedbed evaluate --out",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="where to write it (default: report.html, .ipynb, .pdf, .md or .tex in DIR)",
    )
    parser.add_argument(
        "--to",
        choices=(PAGE, *NAMES),
        default=PAGE,
        help="an HTML page, or a document to hand in: a notebook, PDF, Markdown or LaTeX "
        "(default: %(default)s)",
    )
    parser.add_argument("--title", help="of a document (default: the name of the study)")
    parser.add_argument("--author", help="of a document: who hands it in")
    parser.add_argument(
        "--plain", action="store_true", help="a document without explanations of its terms"
    )
    parser.add_argument(
        "--watch",
        action="store_true",
        help="keep updating the page until every run has ended",
    )
    parser.add_argument(
        "--data-root", type=Path, metavar="DIR", help="folder to search for datasets first"
    )
    add_selection(parser)


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed report``."""
    if arguments.to != PAGE:
        return _document(arguments)
    for option in ("title", "author", "plain"):
        if getattr(arguments, option):
            raise StudyError(
                "belongs to a document", where=f"--{option}", expected=f"--to {' or '.join(NAMES)}"
            )
    if arguments.watch:
        _watch(arguments)
    written = workflow.open(arguments.folder).report(
        arguments.out,
        only=arguments.only,
        exclude=arguments.exclude,
        data_root=arguments.data_root,
    )
    for reason in written.without:
        print(f"The report has no images: {printable(reason)}")
    for reason in written.kept:
        print(f"The report has only images that earlier reports have shown: {printable(reason)}")
    print(f"The report is in {printable(str(written.file))}")
    return 0


def _document(arguments: argparse.Namespace) -> int:
    """Write a document."""
    if arguments.watch:
        raise StudyError("belongs to the page", where="--watch", expected=f"--to {PAGE}")
    check(arguments.to)
    file = workflow.open(arguments.folder).document(
        arguments.to,
        arguments.out,
        title=arguments.title or "",
        author=arguments.author or "",
        plain=arguments.plain,
        only=arguments.only,
        exclude=arguments.exclude,
        data_root=arguments.data_root,
    )
    print(f"The report is in {printable(str(file))}")
    return 0


def _watch(arguments: argparse.Namespace) -> None:
    """Write the page until every run has ended."""
    store = StudyStore(arguments.folder)
    name = store.read_study().name
    entries: list[Entry] = []
    before: StudyProgress | None = None
    try:
        while not (progress := read_progress(store)).complete:
            if progress.done and (before is None or progress.done != before.done):
                study = workflow.open(arguments.folder)
                entries = study.select(arguments.only, arguments.exclude)
            if progress != before:
                _write(arguments, entries, name, progress)
                print(progress, file=sys.stderr, flush=True)
            before = progress
            time.sleep(INTERVAL)
    except KeyboardInterrupt:
        if before is not None:
            _write(arguments, entries, name, before, refresh=None)
        raise


def _write(
    arguments: argparse.Namespace,
    entries: list[Entry],
    name: str,
    progress: StudyProgress,
    refresh: int | None = RELOAD,
) -> None:
    write_report(
        arguments.folder,
        entries,
        out=arguments.out,
        data_root=arguments.data_root,
        name=name,
        progress=Progress(f"{progress}, at {time.strftime('%H:%M:%S')}.", progress.fraction),
        refresh=refresh,
    )
