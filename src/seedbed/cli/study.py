"""The arguments shared by the commands that train."""

import argparse
from pathlib import Path
from typing import Any

from seedbed.cli.selection import add_selection
from seedbed.study.spec.overrides import Override, parse_value
from seedbed.study.spec.reader import built_in_studies


def add_study(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name a study, its settings, its folder and how it is run."""
    parser.add_argument(
        "study",
        metavar="STUDY",
        help=f"a study file (TOML), a folder of images, or one of {', '.join(built_in_studies())}",
    )
    add_settings(parser)
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for the results (default: studies/NAME)"
    )
    add_selection(parser)
    add_machine(parser)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that replace seeds and other settings of a study."""
    parser.add_argument(
        "--seeds",
        type=_seeds,
        metavar="SEEDS",
        help="replace the study's seeds: N runs of each configuration, with the seeds 0 to N-1 in "
        "every stream (run=N for a study that crosses streams), or crossed streams, as in "
        "initialization=4,order=4",
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="replace a setting of the study, as in recipe.epochs=3; may be repeated",
    )


def add_machine(parser: argparse.ArgumentParser) -> None:
    """Add the arguments about the machine that trains."""
    parser.add_argument(
        "--threads",
        type=int,
        metavar="N",
        help="cores to use (default: all); does not change results",
    )
    parser.add_argument(
        "--data-root", type=Path, metavar="DIR", help="folder to search for datasets first"
    )


def keywords(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments for :func:`seedbed.workflow.run`, ``plan`` and ``tune``."""
    names = ("out", "only", "exclude", "threads", "data_root")
    settings = [Override.parse(text) for text in arguments.set]
    if arguments.seeds is not None:
        settings.append(Override(("seeds",), arguments.seeds, "--seeds"))
    given = {name: getattr(arguments, name) for name in names if hasattr(arguments, name)}
    return {**given, "settings": settings}


def _seeds(text: str) -> Any:
    """Return a number, or a table of streams; whether it can be used the study says."""
    value = parse_value(f"{{{text}}}" if "=" in text and not text.startswith("{") else text)
    if isinstance(value, str | float):
        raise argparse.ArgumentTypeError(
            f"{text!r} cannot be used; expected a number of seeds, or a table such as "
            "initialization=4,order=4"
        )
    return value
