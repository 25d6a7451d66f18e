"""What the commands that take a study have in common: its arguments, and how it is read."""

import argparse
from pathlib import Path
from typing import Final

from seedbed.cli.data import download_progress
from seedbed.cli.selection import add_selection
from seedbed.core.errors import StudyError
from seedbed.execution.memory import available_cores
from seedbed.study.loaded import LoadedStudy
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.reader import built_in_studies, load_study
from seedbed.study.spec.selection import Selection
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.study import StudyStore

RESULTS: Final = Path("studies")
"""Where results go by default, in a folder of the study's name."""


def add_study(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say which study, with which settings, where and how."""
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
    add_selection(parser)
    parser.add_argument(
        "--threads", type=int, metavar="N", help="cores to use (default: all); changes no result"
    )
    parser.add_argument(
        "--data-root", type=Path, metavar="DIR", help="where datasets are looked for first"
    )


def read_spec(arguments: argparse.Namespace) -> StudySpec:
    """Return the study that the arguments name."""
    overrides = [Override.parse(text) for text in arguments.set]
    if arguments.seeds is not None:
        overrides.append(Override(("seeds",), arguments.seeds, "--seeds"))
    return load_study(arguments.study, overrides)


def read_selection(arguments: argparse.Namespace, spec: StudySpec) -> Selection:
    """Return which configurations the arguments choose, before anything is loaded.

    Raises:
        StudyError: If a condition cannot be read, or chooses nothing.
    """
    selection = Selection.parse(arguments.only, arguments.exclude)
    selection.of(spec.configurations)
    return selection


def read_threads(arguments: argparse.Namespace) -> int:
    """Return how many cores to use."""
    threads = available_cores() if arguments.threads is None else int(arguments.threads)
    if threads < 1:
        raise StudyError(f"cannot use {threads} threads", where="--threads", expected="1 or more")
    return threads


def store_of(arguments: argparse.Namespace, spec: StudySpec) -> StudyStore:
    """Return where the results of a study go."""
    return StudyStore(arguments.out or RESULTS / spec.name)


def load(arguments: argparse.Namespace, spec: StudySpec) -> LoadedStudy:
    """Load the datasets of a study, and show downloads."""
    with download_progress() as progress:
        return LoadedStudy.load(spec, arguments.data_root, progress)
