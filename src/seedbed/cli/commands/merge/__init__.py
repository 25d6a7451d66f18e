"""Put studies of one specification together: the runs of all, in a new folder.

The studies may differ in their seeds and in nothing else. Runs are checked as they are copied; a
damaged one is named and left out, and the exit status is then 1. The studies are only read.
"""

import argparse
from pathlib import Path

from seedbed.display.escape import printable
from seedbed.study.merge import merge

LEFT_OUT = 1
"""Exit status if a damaged run is left out."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed merge``."""
    parser.add_argument(
        "folders", type=Path, nargs="+", metavar="DIR", help="results of studies, two or more"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="the new folder of the merged study"
    )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed merge``."""
    merged = merge(arguments.folders, arguments.out)
    for line in str(merged).splitlines():
        print(printable(line))
    left = merged.planned - sum(merged.taken.values())
    if left:
        print(
            f"{left} still to train: seedbed run {printable(str(merged.folder))}/study.toml "
            f"--out {printable(str(merged.folder))}"
        )
    print(f"To show the results: seedbed report {printable(str(merged.folder))}")
    return LEFT_OUT if merged.damaged else 0
