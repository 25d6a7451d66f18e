"""Train a study, or the rest of it, show its table, and write its report.

Ctrl-C stops it within a second; run the same command again to resume.
"""

import argparse

from seedbed import workflow
from seedbed.cli.study import add_study, keywords
from seedbed.core.errors import SeedbedError
from seedbed.display.escape import printable


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed run``."""
    add_study(parser)
    parser.add_argument("--quiet", action="store_true", help="do not show progress")


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed run``."""
    try:
        study = workflow.run(arguments.study, quiet=arguments.quiet, **keywords(arguments))
        report = _report(study)  # before any output, which may fail
        print(study.table(only=arguments.only, exclude=arguments.exclude))
        print(f"Results are in {printable(str(study.folder))}/")
        print(report)
    except KeyboardInterrupt as stopped:
        stopped.add_note("run the same command again to resume")
        raise
    return 0


def _report(study: workflow.Study) -> str:
    """Write the page and return a line about it; a failure does not affect the results."""
    try:
        written = study.report()
    except SeedbedError as error:
        return f"The report could not be written: {printable(str(error))}"
    return f"The report is in {printable(str(written.file))}"
