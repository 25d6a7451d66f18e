"""Show the configurations of a study, the runs left to train, and how long they will take.

Nothing is trained or written; the time is estimated from a measurement of a few seconds. With
``--detect`` it shows instead how many seeds find a difference of that many percentage points, from
the spread of the runs that have finished; where there are none, a pilot of two epochs is trained.
"""

import argparse

from seedbed import workflow
from seedbed.cli.study import add_study, keywords


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed plan``."""
    add_study(parser)
    parser.add_argument(
        "--detect",
        type=float,
        metavar="POINTS",
        help="show how many seeds find a difference in accuracy of so many percentage points",
    )
    parser.add_argument(
        "--power",
        type=float,
        default=0.8,
        help="how likely it is to be found, above 0 and below 1 (default: %(default)s)",
    )
    parser.add_argument(
        "--spread",
        type=float,
        metavar="POINTS",
        help="the standard deviation of paired differences (default: of the finished runs, or of a "
        "pilot: every configuration for two epochs with three seeds)",
    )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed plan``."""
    given = keywords(arguments)
    if arguments.detect is None:
        print(workflow.plan(arguments.study, **given))
        return 0
    print(
        workflow.plan_seeds(
            arguments.study,
            detect=arguments.detect,
            power=arguments.power,
            spread=arguments.spread,
            **given,
        )
    )
    return 0
