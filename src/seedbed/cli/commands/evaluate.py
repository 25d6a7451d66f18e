"""Evaluate predictions from any other tool.

Each file is a run. Files whose names differ only in a seed are runs of one configuration, and so
are the files of each folder if several folders have the same names; configurations are compared.
With --corrections, the runs of a study are scored again on corrected test labels.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, get_args

from seedbed.analysis.entry import Entry
from seedbed.analysis.prediction_files.groups import find_groups
from seedbed.analysis.prediction_files.kinds import GivenKind
from seedbed.analysis.prediction_files.layout import LabelsAre, Layout
from seedbed.analysis.prediction_files.reading import readings_of
from seedbed.analysis.registry import tables
from seedbed.analysis.subjects.comparisons import compared
from seedbed.analysis.summary.external import evaluate
from seedbed.analysis.summary_file import write_summary
from seedbed.cli.commands.table import add_format
from seedbed.core.errors import StoreError, StudyError
from seedbed.core.files import cannot_write
from seedbed.display.escape import printable
from seedbed.report.notebook import Results, StudyTable

IN_CSV: Final = "accuracy"
"""The table that is written by default as CSV, which has one header and so room for one table."""

MOST_NAMED: Final = 4
"""Files that the block of their reading names."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed evaluate``."""
    parser.add_argument(
        "paths",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="NPZ, CSV, TSV or Parquet file with a label and one logit or probability per class, "
        "or a predicted label, for every test image; or a folder of such files",
    )
    parser.add_argument(
        "--table",
        choices=tables(),
        metavar="TABLE",
        help=f"show only this table: {', '.join(tables())} (default: {_first_look()}, where they "
        f"apply; in CSV {IN_CSV} only, in JSON the whole summary)",
    )
    add_format(parser)
    parser.add_argument(
        "--corrections",
        type=Path,
        metavar="FILE",
        help="with the folder of a study in place of files: score its runs on corrected test "
        "labels, beside the given ones; the CSV file is that of a review of labels",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="folder for report.html and for summary.json, which seedbed table DIR reads",
    )
    parser.add_argument(
        "--label",
        metavar="NAME",
        help="array or column of the labels (default: label, or another usual name)",
    )
    parser.add_argument(
        "--image",
        metavar="COLUMN",
        help="array or column that names the images, by which runs are put into the same order "
        "(default: a column of different file names, if there is one)",
    )
    parser.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="COLUMN",
        help="a column that is not a class; may be repeated",
    )
    parser.add_argument(
        "--kind",
        choices=get_args(GivenKind),
        help="what the scores are (default: inferred from their name or values)",
    )
    parser.add_argument(
        "--classes",
        metavar="A,B,...",
        help="names of the classes: the columns of scores, or names for them in their order; of "
        "one probability the negative and the positive class",
    )
    parser.add_argument(
        "--labels-are",
        choices=get_args(LabelsAre),
        help="whether labels that are numbers name classes or count columns from 0, where the "
        "classes are numbers in another order",
    )
    parser.add_argument(
        "--no-self-check",
        action="store_true",
        help="continue even if the scores and labels do not seem to match",
    )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed evaluate``."""
    if arguments.out is not None and (arguments.out / "study.toml").exists():
        raise StoreError(
            "contains a study, which has its own summary",
            where=str(arguments.out),
            hint="choose another folder with --out",
        )
    if arguments.corrections is not None:
        return _corrected(arguments)
    names = arguments.classes and tuple(name.strip() for name in arguments.classes.split(","))
    layout = Layout(
        arguments.label,
        tuple(arguments.ignore),
        arguments.kind,
        names,
        arguments.image,
        arguments.labels_are,
    )
    entries = evaluate(find_groups(arguments.paths), layout, self_check=not arguments.no_self_check)
    if arguments.out is not None:
        _write(arguments.out, entries)
    output = _output(arguments, entries)
    is_text = arguments.format == "text"
    print("\n".join(_readings(entries)) + "\n" * is_text, file=None if is_text else sys.stderr)
    for entry in entries:
        for warning in entry.header.warnings:
            _print_notice(f"{entry.header.label}: {warning}")
    sys.stdout.write(output)
    if arguments.out is not None and arguments.format == "text":
        print(f"\nThe summary and a report are in {printable(str(arguments.out))}/")
    return 0


def _corrected(arguments: argparse.Namespace) -> int:
    """Score a study on corrected labels."""
    if len(arguments.paths) != 1:
        raise StudyError(
            "applies to one study", where="--corrections", expected="seedbed evaluate STUDY"
        )
    from seedbed.analysis.summary.corrected import evaluate_corrected  # reads a study: pydantic

    found = evaluate_corrected(arguments.paths[0], arguments.corrections)
    tables = [StudyTable(found.report)] if arguments.table is None else []
    if arguments.table is not None:
        tables.append(Results(found.entries).table(arguments.table, baseline=arguments.baseline))
    sys.stdout.write("\n".join(table.to(arguments.format) for table in tables))
    if arguments.out is not None:
        _write(arguments.out, found.entries)
    return 0


def _write(folder: Path, entries: list[Entry]) -> None:
    """Write a summary and a report."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from error
    write_summary(folder, entries)
    from seedbed.report.page.file import write_report  # importing Altair takes a while

    write_report(folder, entries)


def _output(arguments: argparse.Namespace, entries: list[Entry]) -> str:
    name, baseline, form = arguments.table, arguments.baseline, arguments.format
    if name is None and form == "json":
        summary = entries if baseline is None else compared(entries, baseline)
        return json.dumps(list(map(dict, summary)), indent=2) + "\n"
    if name is None and form == "csv":
        name = IN_CSV
        _print_notice(f"CSV output holds one table; showing --table {name}")
    results = Results(entries)
    if name is not None:
        return results.table(name, baseline=baseline).to(form)
    return "\n".join(table.to(form) for table in results.first_tables(baseline))


def _readings(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield what was understood of the files, in one block for those that were read alike."""
    for lines, files in readings_of(entries).items():
        others = f" and {len(files) - MOST_NAMED} more" if len(files) > MOST_NAMED else ""
        yield f"{printable(', '.join(files[:MOST_NAMED]))}{others}:"
        width = max(len(word) for word, _ in lines)
        for word, text in lines:
            yield f"  {word:{width}}  {printable(text)}"


def _first_look() -> str:
    return ", ".join(name for name, table in tables().items() if table.first_look is not None)


def _print_notice(text: str) -> None:
    print(f"seedbed: {printable(text)}", file=sys.stderr)
