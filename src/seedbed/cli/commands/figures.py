"""Write the charts of a study as figures for a paper: SVG, PDF or PNG, with embedded fonts."""

import argparse
import sys
from pathlib import Path

from seedbed import workflow
from seedbed.analysis.registry import charts
from seedbed.cli.selection import add_selection
from seedbed.display.charts.style import COLUMN_CENTIMETERS
from seedbed.display.escape import printable
from seedbed.report.figures import FORMATS


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed figures``."""
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="results of a study, such as studies/mnist"
    )
    parser.add_argument(
        "charts",
        nargs="*",
        metavar="CHART",
        help=f"only these charts: {', '.join(charts())} (default: all that apply)",
    )
    parser.add_argument(
        "--format", choices=FORMATS, default="svg", help="file format (default: %(default)s)"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder to write to (default: figures in DIR)"
    )
    parser.add_argument(
        "--width",
        type=float,
        default=COLUMN_CENTIMETERS,
        metavar="CM",
        help="width of a figure in centimeters (default: %(default)s, one column of a paper)",
    )
    add_selection(parser)


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed figures``."""
    written = workflow.open(arguments.folder).figures(
        arguments.out,
        charts=arguments.charts,
        format=arguments.format,
        width=arguments.width,
        only=arguments.only,
        exclude=arguments.exclude,
    )
    count = len(written.files)
    folder = printable(str(written.files[0].parent))
    print(f"{count} {'figure is' if count == 1 else 'figures are'} in {folder}")
    for notice in written.notices:
        print(printable(notice), file=sys.stderr)
    return 0
