"""Show a table of a study's results."""

import argparse
import sys
from pathlib import Path

from seedbed import workflow
from seedbed.analysis.registry import tables
from seedbed.cli.selection import add_selection
from seedbed.report.renderers.formats import FORMATS


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed table``."""
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="results of a study, such as studies/mnist"
    )
    parser.add_argument(
        "name",
        nargs="?",
        default="accuracy",
        metavar="TABLE",
        help=f"{', '.join(tables())} (default: %(default)s)",
    )
    add_format(parser)
    parser.add_argument(
        "--compare",
        metavar="SETTING",
        help="for comparisons: compare the values of this setting, such as recipe.optimizer, while "
        "all else is equal (default: as the study file says, or guessed from what varies)",
    )
    parser.add_argument(
        "--margin",
        type=float,
        metavar="POINTS",
        help="for comparisons: differences of so many percentage points count as none; also test "
        "which ones are that small (default: as the study file says)",
    )
    add_selection(parser)


def add_format(parser: argparse.ArgumentParser) -> None:
    """Add the arguments for the format of tables."""
    parser.add_argument(
        "--format", choices=FORMATS, default="text", help="output format (default: %(default)s)"
    )
    parser.add_argument(
        "--baseline",
        metavar="LABEL",
        help="for comparisons: compare every configuration with this one "
        "(default: all pairs of a block; with more than ten configurations, each with the first)",
    )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed table``."""
    table = workflow.open(arguments.folder).table(
        arguments.name,
        baseline=arguments.baseline,
        compare=arguments.compare,
        margin=None if arguments.margin is None else arguments.margin / 100,
        only=arguments.only,
        exclude=arguments.exclude,
    )
    sys.stdout.write(table.to(arguments.format))
    return 0
