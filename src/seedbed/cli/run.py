"""Train a study, or what is missing of it, show its table, and write its report.

Ctrl-C stops it within a second; the same command goes on where it stopped.
"""

import argparse
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

from seedbed.analysis.entry import Entry
from seedbed.analysis.inquiries.asking import wanted
from seedbed.analysis.subjects.accuracy.table import accuracy_table
from seedbed.analysis.summary.study import refresh_summary
from seedbed.cli.main import STOPPED
from seedbed.cli.posthoc import ask_runs
from seedbed.cli.progress import choose_monitor
from seedbed.cli.study import add_study, load, read_selection, read_spec, read_threads, store_of
from seedbed.core.errors import SeedbedError
from seedbed.data.images import DatasetSplits
from seedbed.display.escape import printable
from seedbed.execution.local import execute
from seedbed.report.renderers import text


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed run``."""
    add_study(parser)
    parser.add_argument("--quiet", action="store_true", help="show the table only")


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed run``."""
    threads = read_threads(arguments)
    spec = read_spec(arguments)
    selection = read_selection(arguments, spec)
    store = store_of(arguments, spec)
    monitor = choose_monitor(quiet=arguments.quiet)
    store.check_writable()  # before a long download
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        study = load(arguments, spec)
        choice = study.choose_engine()
        engine, why = choice.engine, "" if arguments.quiet else choice.message(threads)
        execute(study, store, engine, monitor, threads=threads, selection=selection, why=why)
        ask_runs(
            store,
            wanted(study.spec),
            study=study,
            engine=engine,
            threads=threads,
            quiet=arguments.quiet,
        )
    except KeyboardInterrupt:
        monitor.notice("stopped; run the same command again to go on")
        return STOPPED
    finally:
        signal.signal(signal.SIGTERM, before)
    ids = {each.id for each in selection.of(study.spec.configurations)}
    entries = refresh_summary(store.folder)
    sys.stdout.write(text.render(accuracy_table([each for each in entries if each["id"] in ids])))
    print(f"\nResults are in {printable(str(store.folder))}/", flush=True)
    print(_report(store.folder, entries, study.datasets))
    return 0


def _report(folder: Path, entries: Sequence[Entry], datasets: Mapping[str, DatasetSplits]) -> str:
    """Write the page, and say where it is; the results are safe whatever becomes of it."""
    from seedbed.report.page.file import write_report  # Altair takes a while to be imported

    try:
        written = write_report(folder, entries, known=datasets)
    except SeedbedError as error:
        return f"The report could not be written: {printable(str(error))}"
    return f"The report is in {printable(str(written.file))}"


def _interrupt(_signal_number: int, _frame: FrameType | None) -> None:
    """Treat the polite request to end (SIGTERM) as Ctrl-C."""
    raise KeyboardInterrupt
