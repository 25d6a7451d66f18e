"""Show what a study that has been trained has found out."""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import tables
from seedbed.analysis.summary_file import read_summary
from seedbed.cli.selection import add_selection
from seedbed.core.errors import StudyError
from seedbed.display.table import Report
from seedbed.report.renderers.formats import FORMATS
from seedbed.study.spec.selection import Selection


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed table``."""
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="results of a study, such as studies/mnist"
    )
    add_contents(parser)
    add_selection(parser)


def add_contents(
    parser: argparse.ArgumentParser, what: str | None = "accuracy", default: str = "accuracy"
) -> None:
    """Add the arguments that say what is shown of a summary, and how.

    Args:
        parser: Of the command.
        what: Its default.
        default: The same in words.

    """
    parser.add_argument(
        "--what", choices=tables(), default=what, help=f"what to show (default: {default})"
    )
    parser.add_argument(
        "--format", choices=FORMATS, default="text", help="how to write it (default: text)"
    )
    parser.add_argument(
        "--baseline",
        metavar="LABEL",
        help="comparisons: compare every configuration with this one "
        "(default: all pairs; of more than ten configurations, each with the first)",
    )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed table``."""
    entries = summary_of(arguments.folder)
    selected = bool(arguments.only or arguments.exclude)
    if selected:
        entries = chosen(arguments, entries)
    report = report_of(entries, arguments.what, arguments.baseline, selected=selected)
    sys.stdout.write(FORMATS[arguments.format](report))
    return 0


def report_of(
    entries: list[Entry], what: str, baseline: str | None, *, selected: bool = False
) -> Report:
    """Return what is to be shown of the entries of a summary.

    Args:
        entries: All of a summary, or some.
        what: The name of a table.
        baseline: The label of the configuration that the others are compared with.
        selected: Whether they are only some.

    Raises:
        StudyError: If a baseline is named, but nothing compared.

    """
    if baseline is not None and what != "comparisons":
        raise StudyError("belongs to --what comparisons", where="--baseline")
    if what == "comparisons" and (selected or baseline is not None):
        # Of these entries and no others, so that the correction is over what is shown. Those that a
        # summary holds are of all of it; to make them again would take longer than all the rest.
        from seedbed.analysis.subjects.comparisons import compared

        entries = compared(entries, baseline)
    return tables()[what].make(entries)


def summary_of(folder: Path) -> list[Entry]:
    """Return the summary of a study; NumPy and SciPy are imported only if it has to be made.

    Raises:
        StoreError: If there is no study, none of its runs has ended, or a newer Seedbed wrote it.
        DataError: If the predictions of a run cannot belong to their labels.

    """
    found = read_summary(folder)
    if found is None:
        from seedbed.analysis.summary.study import refresh_summary

        found = refresh_summary(folder)
    return found


def chosen(arguments: argparse.Namespace, entries: list[Entry]) -> list[Entry]:
    """Return the entries that ``--only`` and ``--exclude`` leave.

    Raises:
        StudyError: If a condition cannot be read, or nothing is left; or if there are no settings
            to choose by, because the predictions came from elsewhere.

    """
    selection = Selection.parse(arguments.only, arguments.exclude)
    if any(each["settings"] is None for each in entries):
        raise StudyError(
            "predictions from elsewhere have no settings to choose by",
            where=" or ".join(each.option for each in (*selection.only, *selection.exclude)),
        )
    configurations = [_Configuration(each) for each in entries]
    return [each.entry for each in selection.of(configurations)]


@dataclass(frozen=True)
class _Configuration:
    """An entry as a selection takes it, so that the study file need not be read again."""

    entry: Entry

    @property
    def settings(self) -> dict[str, Any]:
        return dict(self.entry["settings"])

    @property
    def variant(self) -> str | None:
        variant: str | None = self.entry["variant"]
        return variant
