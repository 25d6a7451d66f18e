"""The arguments that choose configurations, for commands that import nothing else yet."""

import argparse


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of :meth:`seedbed.study.spec.selection.Selection.parse`."""
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="only configurations with this setting, as in recipe.learning_rate=0.1 or "
        "variant=plain; repeated for one setting, with any of its values",
    )
    parser.add_argument(
        "--exclude",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="no configuration with this setting; may be repeated",
    )
