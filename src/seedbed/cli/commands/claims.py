"""Show what became of the claims that a study declared; fails unless all of them hold.

Exit status 0 if every claim holds, 1 if one is refuted or open: a check for continuous integration.
"""

import argparse
import sys
from pathlib import Path

from seedbed import workflow
from seedbed.analysis.subjects.claims.result import claims_of
from seedbed.report.renderers.formats import FORMATS

NOT_HELD = 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed claims``."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="results of a study")
    parser.add_argument(
        "--format", choices=FORMATS, default="text", help="output format (default: %(default)s)"
    )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed claims``."""
    study = workflow.open(arguments.folder)
    sys.stdout.write(study.table("claims").to(arguments.format))
    held = all(claim.outcome == "held" for claim in claims_of(study.summary))
    return 0 if held else NOT_HELD
