"""Train a study, or what is missing of it, and show its table.

Ctrl-C stops it within a second; the same command goes on where it stopped.
"""

import argparse
import signal
import sys
from types import FrameType

from seedbed.cli.main import STOPPED
from seedbed.cli.progress import choose_monitor
from seedbed.cli.study import add_study, load, read_selection, read_spec, read_threads, store_of
from seedbed.evaluation.study_summary import refresh_summary
from seedbed.report.contents.accuracy import accuracy
from seedbed.report.escape import printable
from seedbed.report.tables import as_text
from seedbed.study.execute import execute
from seedbed.training.train import ENGINES


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
        engine = ENGINES["lanes"]()
        execute(study, store, engine, monitor, threads=threads, selection=selection)
    except KeyboardInterrupt:
        monitor.notice("stopped; run the same command again to go on")
        return STOPPED
    finally:
        signal.signal(signal.SIGTERM, before)
    ids = {each.id for each in selection.of(study.spec.configurations)}
    entries = [each for each in refresh_summary(store.folder) if each["id"] in ids]
    sys.stdout.write(as_text(accuracy(entries)))
    print(f"\nResults are in {printable(str(store.folder))}/")
    return 0


def _interrupt(_signal_number: int, _frame: FrameType | None) -> None:
    """Treat the polite request to end (SIGTERM) as Ctrl-C."""
    raise KeyboardInterrupt
