"""Check that the files and figures of a study agree, and whether training it again does.

Every file is checked against its checksum, and the summary is recomputed from the stored logits.
One line for each file or run; the exit status is 1 if there is a doubt.
"""

import argparse
from pathlib import Path

from seedbed import workflow
from seedbed.display.escape import printable

DOUBT = 1
"""Exit status if something does not agree."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed verify``."""
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="results of a study, such as studies/mnist"
    )
    parser.add_argument(
        "--deep",
        action="store_true",
        help="also compute noisy labels, splits and logits again, from seeds, images and weights",
    )
    parser.add_argument(
        "--repeat",
        type=int,
        default=0,
        metavar="N",
        help="also train N finished runs again, spread evenly, and compare them; nothing is "
        "written",
    )
    parser.add_argument(
        "--margin",
        type=float,
        default=0.5,
        metavar="POINTS",
        help="percentage points within which the accuracies of repeated runs count as equivalent, "
        "where their bits cannot agree (default: %(default)s)",
    )
    parser.add_argument(
        "--data-root", type=Path, metavar="DIR", help="folder to search for datasets first"
    )
    parser.add_argument(
        "--threads", type=int, metavar="N", help="cores for --repeat (default: all)"
    )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed verify``."""
    doubts = 0
    for finding in workflow.verify(
        arguments.folder,
        deep=arguments.deep,
        repeat=arguments.repeat,
        margin=arguments.margin / 100,
        data_root=arguments.data_root,
        threads=arguments.threads,
    ):
        print(printable(str(finding)), flush=True)
        doubts += finding.status == "doubt"
    if doubts:
        print(f"{doubts} {'doubt' if doubts == 1 else 'doubts'}")
        return DOUBT
    print("No doubts")
    return 0
