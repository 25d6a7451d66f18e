"""Show the accuracies of a study that has been trained."""

import argparse
import sys
from pathlib import Path

from seedbed.report.tables import FORMATS
from seedbed.study.results import read_results
from seedbed.study.store import StudyStore


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed table``."""
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="results of a study, such as studies/mnist"
    )
    parser.add_argument(
        "--format", choices=FORMATS, default="text", help="how to write it (default: text)"
    )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed table``."""
    results = read_results(StudyStore(arguments.folder))
    sys.stdout.write(FORMATS[arguments.format](results))
    return 0
