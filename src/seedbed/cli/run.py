"""Train a study, or what is missing of it, and show its table.

Ctrl-C stops it within a second; the same command goes on where it stopped.
"""

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from seedbed.cli.data import download_progress
from seedbed.cli.main import STOPPED
from seedbed.cli.progress import choose_monitor
from seedbed.errors import StudyError
from seedbed.report.escape import printable
from seedbed.report.tables import as_text
from seedbed.study.execute import execute
from seedbed.study.reader import Override, built_in_studies, load_study
from seedbed.study.results import read_results
from seedbed.study.store import StudyStore
from seedbed.training.train import ENGINES, available_cores

RESULTS = Path("studies")
"""Where results go by default, in a folder of the study's name."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed run``."""
    parser.add_argument(
        "study",
        metavar="STUDY",
        help=f"a study file (TOML), or one of {', '.join(built_in_studies())}",
    )
    parser.add_argument("--seeds", type=int, metavar="N", help="train N runs, with seeds 0 to N-1")
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder of the results (default: studies/NAME)"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="replace a setting of the study, as in recipe.epochs=3; may be repeated",
    )
    parser.add_argument(
        "--threads", type=int, metavar="N", help="cores to use (default: all); changes no result"
    )
    parser.add_argument(
        "--data-root", type=Path, metavar="DIR", help="where datasets are looked for first"
    )
    parser.add_argument("--quiet", action="store_true", help="show the table only")


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed run``."""
    overrides = [Override.parse(text) for text in arguments.set]
    if arguments.seeds is not None:
        overrides.append(Override(("seeds",), arguments.seeds, "--seeds"))
    threads = available_cores() if arguments.threads is None else arguments.threads
    if threads < 1:
        raise StudyError(f"cannot use {threads} threads", where="--threads", expected="1 or more")
    spec = load_study(arguments.study, overrides)
    store = StudyStore(arguments.out or RESULTS / spec.name)
    monitor = choose_monitor(quiet=arguments.quiet)
    store.check_writable()  # before a long download
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with download_progress() as progress:
            dataset = spec.dataset.load(arguments.data_root, progress)
        execute(spec, dataset, store, ENGINES["lanes"](), monitor, threads=threads)
    except KeyboardInterrupt:
        monitor.notice("stopped; run the same command again to go on")
        return STOPPED
    finally:
        signal.signal(signal.SIGTERM, before)
    sys.stdout.write(as_text(read_results(store)))
    print(f"\nResults are in {printable(str(store.folder))}/")
    return 0


def _interrupt(_signal_number: int, _frame: FrameType | None) -> None:
    """Treat the polite request to end (SIGTERM) as Ctrl-C."""
    raise KeyboardInterrupt
