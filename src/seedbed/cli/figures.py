"""Write the charts of a study as figures for a paper: SVG, PDF or PNG, with the fonts inside."""

import argparse
import sys
from pathlib import Path

from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import charts, relate_all
from seedbed.cli.selection import add_selection
from seedbed.cli.table import chosen, summary_of
from seedbed.core.errors import StoreError, StudyError
from seedbed.core.files import cannot_write, write_atomically
from seedbed.display.charts.style import COLUMN_CENTIMETERS, MOST_IN_LEGEND
from seedbed.display.escape import printable
from seedbed.report.figures import FORMATS, draw, figures

NARROWEST, WIDEST = 5.0, 40.0
"""Centimeters: in less, the legends have no room; more is a poster."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed figures``."""
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="results of a study, such as studies/mnist"
    )
    parser.add_argument(
        "--format", choices=FORMATS, default="svg", help="how to write them (default: svg)"
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where to write them (default: figures in DIR)"
    )
    parser.add_argument(
        "--what",
        action="append",
        default=[],
        choices=charts(),
        metavar="CHART",
        help=f"only this chart; may be repeated: {', '.join(charts())}",
    )
    parser.add_argument(
        "--width",
        type=float,
        default=COLUMN_CENTIMETERS,
        metavar="CM",
        help="of a figure, all included, in centimeters (default: %(default)s, one column)",
    )
    add_selection(parser)


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed figures``."""
    if not NARROWEST <= arguments.width <= WIDEST:
        raise StudyError(
            f"cannot draw figures of {arguments.width:g} cm",
            where="--width",
            expected=f"{NARROWEST:g} to {WIDEST:g}",
        )
    entries = _entries(arguments)
    folder: Path = arguments.out or arguments.folder / "figures"
    written, foreign = 0, ""
    for figure in figures(entries, list(dict.fromkeys(arguments.what)), arguments.width):
        _make(folder)
        drawn = draw(figure, arguments.format)
        write_atomically(folder / f"{figure.name}.{arguments.format}", drawn.contents)
        foreign += drawn.foreign
        written += 1
    if not written:
        raise StoreError(
            "no run has finished, so there is nothing to draw", where=str(arguments.folder)
        )
    are = "figure is" if written == 1 else "figures are"
    print(f"{written} {are} in {printable(str(folder))}")
    _warn(entries, foreign)
    return 0


def _entries(arguments: argparse.Namespace) -> list[Entry]:
    entries = summary_of(arguments.folder)
    if arguments.only or arguments.exclude:
        # The correction of the tests is over what is shown.
        entries = relate_all(chosen(arguments, entries))
    return entries


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error, "choose another folder with --out") from error


def _warn(entries: list[Entry], foreign: str) -> None:
    """Say what a reader of the figures may miss."""
    if len(entries) > MOST_IN_LEGEND:
        print(
            f"{len(entries)} configurations are too many for a legend; --only and --exclude "
            "choose some",
            file=sys.stderr,
        )
    if foreign:
        shown = printable("".join(sorted(set(foreign))[:20]))
        print(
            f"some characters ({shown}) are not in the embedded font; a viewer takes another one",
            file=sys.stderr,
        )
