"""The stored runs behind the entries of a summary."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from seedbed.analysis.entry import Entry
from seedbed.analysis.frames.naming import run_id
from seedbed.core.errors import StoreError, StudyError
from seedbed.study.store.run import DamagedRunError, StoredRun
from seedbed.study.store.study import StudyStore


def ended_runs(folder: Path, entry: Entry) -> Iterator[tuple[int | str, StoredRun]]:
    """Yield the seed of every run of an entry that has ended, and the run; finished ones first.

    Raises:
        StoreError: If a run was changed or removed since the summary was made.
    """
    for seed in (*entry.header.seeds, *(run.seed for run in entry.header.diverged)):
        run = StudyStore(folder).run(run_id(entry, seed))
        try:
            stored = run.load()
        except DamagedRunError as error:
            raise StoreError(f"the run is damaged: {error}", where=str(run.folder)) from error
        if stored is None or stored.record.status == "running":
            raise StoreError(
                "the run is no longer there", where=str(run.folder), hint="open the study again"
            )
        yield seed, stored


def need_runs(entries: Sequence[Entry], what: str) -> None:
    """Raise :class:`StudyError` if the entries are of predictions of another tool."""
    if any(entry.header.settings is None for entry in entries):
        raise StudyError(
            f"{what} are not stored of predictions that another tool made",
            expected="a study that `seedbed run` trained",
        )
