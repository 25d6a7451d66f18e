"""Ask stored runs what is not known of them yet (:mod:`seedbed.analysis.inquiries.asking`).

That takes a while, so it is announced in a line. If it fails, the other results are shown all the
same.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from seedbed.analysis.entry import Entry
from seedbed.analysis.inquiries.asking import Wanted, complete, unanswered
from seedbed.cli.table import summary_of
from seedbed.core.errors import SeedbedError
from seedbed.data.images import DatasetSplits
from seedbed.display.escape import printable
from seedbed.study.loaded import LoadedStudy
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import Engine


def ask_runs(
    store: StudyStore,
    wanted: Wanted,
    *,
    study: LoadedStudy | None = None,
    engine: Engine | None = None,
    data_root: Path | None = None,
    threads: int | None = None,
    quiet: bool = False,
) -> Mapping[str, DatasetSplits]:
    """Ask the runs of a study what is not known of them, and report errors.

    Returns:
        The datasets that were needed, by fingerprint; none after an error.
    """

    def say(text: str) -> None:
        if not quiet:
            print(text, file=sys.stderr, flush=True)

    try:
        return complete(
            store,
            wanted,
            study=study,
            engine=engine,
            data_root=data_root,
            threads=threads,
            say=say,
        )
    except SeedbedError as error:
        where = printable(str(store.folder))
        print(f"The runs in {where} could not be asked: {printable(str(error))}", file=sys.stderr)
        return {}


def completed(
    folder: Path, data_root: Path | None
) -> tuple[list[Entry], Mapping[str, DatasetSplits]]:
    """Return the summary of a folder, completed, and the datasets that were needed for that."""
    entries = summary_of(folder)
    wanted = unanswered(entries)
    datasets = ask_runs(StudyStore(folder), wanted, data_root=data_root) if wanted else {}
    return (summary_of(folder) if datasets else entries), datasets
