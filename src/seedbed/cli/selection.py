"""The arguments that select configurations; imports nothing heavy."""

import argparse


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of :meth:`seedbed.study.spec.selection.Selection.parse`."""
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="only configurations with this value, as in recipe.learning_rate=0.1 or "
        "variant=plain; repeat it for one setting to accept several values",
    )
    parser.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="leave out configurations with this value; may be repeated",
    )
