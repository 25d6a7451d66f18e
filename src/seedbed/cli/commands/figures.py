"""Write the charts and pictures of a study as figures for a paper, with embedded fonts."""

import argparse
import sys
from pathlib import Path

from seedbed import workflow
from seedbed.analysis.registry import charts, pictures
from seedbed.cli.selection import add_selection
from seedbed.display.charts.style import COLUMN_CENTIMETERS
from seedbed.display.escape import printable
from seedbed.report.figure_files import WIDTHS
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
        help=f"only these: {', '.join((*charts(), *pictures()))} (default: all that apply)",
    )
    parser.add_argument(
        "--format", choices=FORMATS, default="svg", help="file format (default: %(default)s)"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder to write to (default: figures in DIR)"
    )
    parser.add_argument(
        "--width",
        type=_width,
        default="column",
        metavar="CM",
        help=f"width of a figure in centimeters, or {', '.join(WIDTHS)} (default: %(default)s, "
        f"{COLUMN_CENTIMETERS:g} cm)",
    )
    parser.add_argument(
        "--no-title",
        action="store_true",
        help="leave out titles: the caption of the paper has them",
    )
    parser.add_argument(
        "--data-root", type=Path, metavar="DIR", help="folder to search for datasets first"
    )
    add_selection(parser)


def _width(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed figures``."""
    written = workflow.open(arguments.folder).figures(
        arguments.out,
        charts=arguments.charts,
        format=arguments.format,
        width=arguments.width,
        title=not arguments.no_title,
        data_root=arguments.data_root,
        only=arguments.only,
        exclude=arguments.exclude,
    )
    count = len(written.files)
    folder = printable(str(written.files[0].parent))
    print(f"{count} {'figure is' if count == 1 else 'figures are'} in {folder}")
    for notice in written.notices:
        print(printable(notice), file=sys.stderr)
    return 0
