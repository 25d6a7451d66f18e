"""Evaluate predictions that any other tool has written.

Several files are several runs; a folder of files is a configuration, and several are compared.
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
from seedbed.cli.table import add_format
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
        help="NPZ, CSV or Parquet: a label and one logit or probability a class, for every test "
        "image; or a folder of such files",
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
        help="write summary.json there, for seedbed table DIR, and report.html",
    )
    parser.add_argument("--label", metavar="NAME", help="of the labels (default: label or labels)")
    parser.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="COLUMN",
        help="a column that is no class; may be repeated",
    )
    parser.add_argument(
        "--kind",
        choices=("logits", "probabilities"),
        help="of the scores (default: told by their name or their values)",
    )
    parser.add_argument(
        "--classes", metavar="A,B,...", help="names of the classes, in the order of the columns"
    )
    parser.add_argument(
        "--no-self-check",
        action="store_true",
        help="go on where scores and labels do not seem to belong together",
    )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed evaluate``."""
    if arguments.out is not None and (arguments.out / "study.toml").exists():
        raise StoreError(
            "holds a study, which has a summary of its own",
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
        from seedbed.report.page.file import write_report  # Altair takes a while to be imported

        write_report(arguments.out, entries)
    for entry in entries:
        for warning in entry.header.warnings:
            _notice(f"{entry.header.label}: {warning}")
    sys.stdout.write(_shown(arguments, entries))
    if arguments.out is not None and arguments.format == "text":
        print(f"\nThe summary and a report are in {printable(str(arguments.out))}/")
    return 0


def _shown(arguments: argparse.Namespace, entries: list[Entry]) -> str:
    name, baseline, form = arguments.table, arguments.baseline, arguments.format
    if name is None and form == "json":
        shown = entries if baseline is None else compared(entries, baseline)
        return json.dumps(shown, indent=2) + "\n"
    if name is None and form == "csv":
        name = IN_CSV
        _notice(f"CSV has room for one table: this is --table {name}")
    results = Results(entries)
    if name is not None:
        return results.table(name, baseline=baseline).to(form)
    return "\n".join(table.to(form) for table in results.first_tables(baseline))


def _first_look() -> str:
    return ", ".join(name for name, table in tables().items() if table.first_look is not None)


def _notice(text: str) -> None:
    """Say something that is no part of what was asked for."""
    print(f"seedbed: {printable(text)}", file=sys.stderr)
