"""Write what a study has found out as one page, which can be opened offline and sent to anyone.

While the study is being trained, --watch writes it again whenever there is something new.
"""

import argparse
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import relate_all
from seedbed.cli.main import STOPPED
from seedbed.cli.posthoc import completed
from seedbed.cli.selection import add_selection
from seedbed.cli.table import chosen, summary_of
from seedbed.data.images import DatasetSplits
from seedbed.display.escape import printable
from seedbed.report.page.file import REPORT, Written, write_report
from seedbed.report.page.page import Progress
from seedbed.study.progress import Standing, read_standing
from seedbed.study.store.study import StudyStore

INTERVAL: Final = 5.0
"""Seconds between two looks at a study that is being trained."""
RELOAD: Final = 10
"""Seconds after which the page of such a study reloads itself."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed report``."""
    parser.add_argument(
        "folder",
        type=Path,
        metavar="DIR",
        help="results of a study, such as studies/mnist, or what seedbed evaluate --out wrote",
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help=f"the page (default: {REPORT} in DIR)"
    )
    parser.add_argument(
        "--watch",
        action="store_true",
        help="go on until every run has ended, and write the page again when there is news",
    )
    parser.add_argument(
        "--data-root", type=Path, metavar="DIR", help="where datasets are looked for first"
    )
    add_selection(parser)


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed report``."""
    if arguments.watch:
        return _watch(arguments)
    entries, datasets = completed(arguments.folder, arguments.data_root)
    _tell(_write(arguments, _chosen(arguments, entries), known=datasets))
    return 0


def _chosen(arguments: argparse.Namespace, entries: list[Entry]) -> list[Entry]:
    if arguments.only or arguments.exclude:
        # The correction of the tests is over what is shown.
        entries = relate_all(chosen(arguments, entries))
    return entries


def _watch(arguments: argparse.Namespace) -> int:
    store = StudyStore(arguments.folder)
    name = store.read_study().name
    entries: list[Entry] = []
    before: Standing | None = None
    try:
        while True:
            standing = read_standing(store)
            if before is None or standing.ended != before.ended:
                entries = _chosen(arguments, summary_of(arguments.folder)) if standing.ended else []
            if standing.done:
                break
            if standing != before:
                _write(arguments, entries, name, standing)
                print(f"{standing}", file=sys.stderr, flush=True)
            before = standing
            time.sleep(INTERVAL)
    except KeyboardInterrupt:
        if before is not None:
            _write(arguments, entries, name, before, refresh=None)
        return STOPPED
    entries, datasets = completed(arguments.folder, arguments.data_root)
    _tell(_write(arguments, _chosen(arguments, entries), known=datasets))
    return 0


def _write(
    arguments: argparse.Namespace,
    entries: list[Entry],
    name: str | None = None,
    standing: Standing | None = None,
    refresh: int | None = RELOAD,
    known: Mapping[str, DatasetSplits] | None = None,
) -> Written:
    progress = None
    if standing is not None:
        progress = Progress(f"{standing}, at {time.strftime('%H:%M:%S')}.", standing.fraction)
    return write_report(
        arguments.folder,
        entries,
        out=arguments.out,
        known=known,
        data_root=arguments.data_root,
        name=name,
        progress=progress,
        refresh=refresh if progress else None,
    )


def _tell(written: Written) -> None:
    for why in written.without:
        print(f"The report shows no images: {printable(why)}")
    print(f"The report is in {printable(str(written.file))}")
