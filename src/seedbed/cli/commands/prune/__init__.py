"""Remove the weights of finished runs, which take most of the space; every number stays.

By default the best run of each configuration keeps its weights (by validation accuracy, or by test
accuracy without validation images). Weights that the page still has questions to are kept until
`seedbed report` has asked them.
"""

import argparse
from pathlib import Path

from seedbed.analysis.inquiries.pruning import prune
from seedbed.study.prune import KEPT
from seedbed.training.memory import gibibytes


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed prune``."""
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="results of a study, such as studies/mnist"
    )
    parser.add_argument(
        "--keep",
        nargs="+",
        choices=KEPT,
        metavar="WHAT",
        help="what is kept: logits (always), best-weights, weights (default: that of the study "
        "file, or logits best-weights)",
    )
    parser.add_argument("--dry-run", action="store_true", help="show it, and remove nothing")


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed prune``."""
    pruned = prune(arguments.folder, arguments.keep, dry_run=arguments.dry_run)
    verb = "Would remove" if arguments.dry_run else "Removed"
    print(f"{verb} the weights of {_runs(pruned.runs)}: {gibibytes(pruned.size)}")
    if pruned.kept:
        print(f"Kept those of {_runs(pruned.kept)}")
    if pruned.needed:
        print(f"Kept those of {_runs(pruned.needed)}: `seedbed report` has questions to them")
    if pruned.in_use:
        print(f"Kept those of {_runs(pruned.in_use)}: another process uses them")
    return 0


def _runs(runs: tuple[str, ...]) -> str:
    return f"{len(runs)} run{'' if len(runs) == 1 else 's'}"
