"""Evaluate predictions from any other tool.

Each file is a run, each folder of files a configuration; several configurations are compared.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import tables
from seedbed.analysis.subjects.comparisons import compared
from seedbed.analysis.summary.external import evaluate, find_groups
from seedbed.analysis.summary.prediction_files import Layout
from seedbed.analysis.summary_file import write_summary
from seedbed.cli.commands.table import add_format
from seedbed.core.errors import StoreError
from seedbed.core.files import cannot_write
from seedbed.display.escape import printable
from seedbed.report.notebook import Results

IN_CSV: Final = "accuracy"
"""The table that is written by default as CSV, which has one header and so room for one table."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed evaluate``."""
    parser.add_argument(
        "paths",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="NPZ, CSV or Parquet file with a label and one logit or probability per class for "
        "every test image; or a folder of such files",
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
        "--out",
        type=Path,
        metavar="DIR",
        help="folder for report.html and for summary.json, which seedbed table DIR reads",
    )
    parser.add_argument(
        "--label", metavar="NAME", help="array or column of the labels (default: label or labels)"
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
        choices=("logits", "probabilities"),
        help="what the scores are (default: inferred from their name or values)",
    )
    parser.add_argument(
        "--classes", metavar="A,B,...", help="names of the classes, in the order of the columns"
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
    names = arguments.classes and tuple(name.strip() for name in arguments.classes.split(","))
    layout = Layout(arguments.label, tuple(arguments.ignore), arguments.kind, names)
    entries = evaluate(find_groups(arguments.paths), layout, self_check=not arguments.no_self_check)
    if arguments.out is not None:
        try:
            arguments.out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(arguments.out, error) from error
        write_summary(arguments.out, entries)
        from seedbed.report.page.file import write_report  # importing Altair takes a while

        write_report(arguments.out, entries)
    for entry in entries:
        for warning in entry.header.warnings:
            _print_notice(f"{entry.header.label}: {warning}")
    sys.stdout.write(_output(arguments, entries))
    if arguments.out is not None and arguments.format == "text":
        print(f"\nThe summary and a report are in {printable(str(arguments.out))}/")
    return 0


def _output(arguments: argparse.Namespace, entries: list[Entry]) -> str:
    name, baseline, form = arguments.table, arguments.baseline, arguments.format
    if name is None and form == "json":
        summary = entries if baseline is None else compared(entries, baseline)
        return json.dumps(summary, indent=2) + "\n"
    if name is None and form == "csv":
        name = IN_CSV
        _print_notice(f"CSV output holds one table; showing --table {name}")
    results = Results(entries)
    if name is not None:
        return results.table(name, baseline=baseline).to(form)
    return "\n".join(table.to(form) for table in results.first_tables(baseline))


def _first_look() -> str:
    return ", ".join(name for name, table in tables().items() if table.first_look is not None)


def _print_notice(text: str) -> None:
    print(f"seedbed: {printable(text)}", file=sys.stderr)
