"""Show a table of a study's results."""

import argparse
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from seedbed import workflow
from seedbed.analysis.registry import tables
from seedbed.cli.selection import add_selection
from seedbed.core.errors import MissingExtra, StudyError
from seedbed.core.suggestions import unknown
from seedbed.report.frames import FRAMES, frame_of, written
from seedbed.report.renderers.formats import FORMATS

if TYPE_CHECKING:
    from seedbed.display.frame import Frame

PARQUET = "parquet"


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
        help=f"{', '.join(tables())} (default: %(default)s); or the data: {', '.join(FRAMES)}",
    )
    add_format(parser, (*FORMATS, PARQUET))
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
    parser.add_argument(
        "--siunitx",
        action="store_true",
        help="with --format latex: align numbers at the decimal point, by the package siunitx",
    )
    add_selection(parser)


def add_format(parser: argparse.ArgumentParser, formats: Sequence[str] = tuple(FORMATS)) -> None:
    """Add the arguments for the format of tables."""
    parser.add_argument(
        "--format", choices=formats, default="text", help="output format (default: %(default)s)"
    )
    parser.add_argument(
        "--baseline",
        metavar="LABEL",
        help="for comparisons: compare every configuration with this one "
        "(default: all pairs of a block; with more than ten configurations, each with the first)",
    )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed table``."""
    if arguments.format == PARQUET:
        _check_parquet()
    if arguments.siunitx and arguments.format != "latex":
        raise StudyError(
            f"does not apply to --format {arguments.format}",
            where="--siunitx",
            expected="--format latex",
        )
    name, study = arguments.name, workflow.open(arguments.folder)
    given = {
        "baseline": arguments.baseline,
        "compare": arguments.compare,
        "margin": None if arguments.margin is None else arguments.margin / 100,
    }
    selected = {"only": arguments.only, "exclude": arguments.exclude}
    if name in FRAMES:
        if options := [option for option, value in given.items() if value is not None]:
            raise StudyError(f"does not apply to {name}", where=f"--{options[0]}")
        frame: Frame = getattr(study, name)(**selected)
        if arguments.format == PARQUET:
            _write_parquet(frame)
        else:
            sys.stdout.write(written(frame, arguments.format, f"{study.name}: {name}"))
        return 0
    if name not in tables():
        raise StudyError(unknown("table", name, [*tables(), *FRAMES]))
    table = study.table(name, **given, **selected)
    if arguments.format == PARQUET:
        _write_parquet(frame_of(table.report))
    else:
        sys.stdout.write(table.to(arguments.format, siunitx=arguments.siunitx))
    return 0


def _check_parquet() -> None:
    """Refuse before anything is read."""
    if find_spec("pyarrow") is None:
        raise MissingExtra("parquet", "--format parquet")
    if sys.stdout.isatty():
        raise StudyError(
            "Parquet is binary, and standard output is a terminal",
            where="--format parquet",
            hint="redirect it to a file: > runs.parquet",
        )


def _write_parquet(frame: "Frame") -> None:
    from io import BytesIO

    from pyarrow import parquet

    contents = BytesIO()
    parquet.write_table(frame.to_arrow(), contents)
    sys.stdout.buffer.write(contents.getvalue())
