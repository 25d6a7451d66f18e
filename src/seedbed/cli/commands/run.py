"""Train a study, or the rest of it, show its table, and write its report.

Ctrl-C stops it within a second; run the same command again to resume. With ``--share K/N`` it
trains every N-th run only, for one of N processes on one or several machines, and shows no results.
With ``--executor ray`` it trains on a Ray cluster.
"""

import argparse
import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from seedbed import workflow
from seedbed.cli.study import add_study, keywords
from seedbed.core.errors import SeedbedError, StudyError
from seedbed.display.escape import printable
from seedbed.report.verify import is_current
from seedbed.study.share import Share
from seedbed.study.store.names import REPORT

if TYPE_CHECKING:
    from seedbed.execution.executor import MakeExecutor


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed run``."""
    add_study(parser)
    parser.add_argument(
        "--share",
        type=_share,
        metavar="K/N",
        help="train only the K-th of N shares: the runs K, K + N, K + 2N ... of all those planned",
    )
    parser.add_argument(
        "--executor",
        choices=("local", "ray"),
        default="local",
        help="where to train: this machine (default), or a Ray cluster",
    )
    parser.add_argument(
        "--address",
        metavar="HOST:PORT",
        help="with --executor ray: a cluster that is running, or auto for the one that this "
        "machine has joined (default: start Ray on this machine)",
    )
    parser.add_argument(
        "--gpus",
        type=float,
        metavar="N",
        help="with --executor ray and device cuda: GPUs of a task (default: 1), or a fraction, so "
        "that tasks share one",
    )
    parser.add_argument("--quiet", action="store_true", help="do not show progress")


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed run``."""
    try:
        if arguments.share is not None:
            return _run_share(arguments)
        study = workflow.run(
            arguments.study,
            quiet=arguments.quiet,
            executor=_executor(arguments),
            **keywords(arguments),
        )
        report = _report(study)  # before any output, which may fail
        selected = {"only": arguments.only, "exclude": arguments.exclude}
        print(study.table(**selected))
        if study.accuracy_misleads(**selected):
            print(f"\n{study.table('class-averages', **selected)}")
        print(f"Results are in {printable(str(study.folder))}/")
        print(report)
    except KeyboardInterrupt as stopped:
        for note in (*_so_far(arguments, stopped), "run the same command again to resume"):
            stopped.add_note(note)
        raise
    return 0


def _so_far(arguments: argparse.Namespace, stopped: KeyboardInterrupt) -> Iterator[str]:
    """Say where the results are and, after Ctrl-C, write the page of the runs that have ended."""
    from seedbed.execution.request import Request
    from seedbed.study.progress import read_progress

    given = keywords(arguments)
    options = (given["settings"], given["only"], given["exclude"], given["threads"])
    try:
        store = Request.of(arguments.study, given["out"], None, *options).store
        progress = read_progress(store)
    except SeedbedError:  # stopped before there was a study
        return
    yield f"{progress}; results are in {store.folder}/"
    # A job that a scheduler ends has no time to lose, and no reader.
    asked = getattr(stopped, "number", signal.SIGINT) == signal.SIGINT
    if asked and progress.done and not arguments.quiet and arguments.share is None:
        print("seedbed: stopping; writing the report of the runs so far", file=sys.stderr)
        yield _report(workflow.Study(store.folder, analyzed=True)).replace("The", "the", 1)


def _run_share(arguments: argparse.Namespace) -> int:
    """Train a share, and say what is left and how to go on."""
    from seedbed.execution.missing import run_share

    progress = run_share(
        arguments.study,
        arguments.share,
        quiet=arguments.quiet,
        executor=_executor(arguments),
        **keywords(arguments),
    )
    folder = printable(str(progress.folder))
    print(progress)
    if progress.complete:
        print(f"All runs are done; to show the results: seedbed report {folder}")
    else:
        print(f"Its runs are in {folder}/; results are shown once all shares are done")
    return 0


def _executor(arguments: argparse.Namespace) -> "MakeExecutor | None":
    """Return where to train; ``None`` for this machine."""
    if arguments.executor == "ray":
        from seedbed.execution.ray.place import Ray

        return Ray(arguments.address, arguments.gpus)
    for option in ("address", "gpus"):
        if getattr(arguments, option) is not None:
            raise StudyError(
                "applies only to a Ray cluster", where=f"--{option}", hint="add --executor ray"
            )
    return None


def _share(text: str) -> Share:
    try:
        return Share.parse(text)
    except StudyError as error:
        raise argparse.ArgumentTypeError(f"{error.what}; expected {error.expected}") from error


def _report(study: workflow.Study) -> str:
    """Write the page and return a line about it; a failure does not affect the results.

    A page of the same results stays as it is: charts take longer than all else when nothing was
    left to train.
    """
    file = study.folder / REPORT
    if is_current(study.folder, study.summary[0].get("source_hash")):
        return f"The report is in {printable(str(file))}"
    try:
        written = study.report()
    except SeedbedError as error:
        return f"The report could not be written: {printable(str(error))}"
    return f"The report is in {printable(str(written.file))}"
