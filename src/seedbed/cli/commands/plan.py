"""Show the configurations of a study, the runs left to train, and how long they will take.

Nothing is trained or written; the time is estimated from a measurement of a few seconds.
"""

import argparse

from seedbed import workflow
from seedbed.cli.study import add_study, keywords


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed plan``."""
    add_study(parser)


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed plan``."""
    print(workflow.plan(arguments.study, **keywords(arguments)))
    return 0
