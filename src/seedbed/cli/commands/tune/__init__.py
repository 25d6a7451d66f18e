"""Choose settings of a study's recipe by validation accuracy, and write the tuned study.

The [tune] table of the study file says which settings have which candidates. Test images are never
used. Ctrl-C stops it within a second; run the same command again to resume.
"""

import argparse
from pathlib import Path

from seedbed.cli.study import add_machine, add_settings, keywords
from seedbed.display.escape import printable


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed tune``."""
    parser.add_argument("study", metavar="STUDY", help="a study file (TOML) with a [tune] table")
    add_settings(parser)
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="folder for the trials (default: studies/NAME-tune)"
    )
    parser.add_argument(
        "--to",
        type=Path,
        metavar="FILE",
        help="the study file to write (default: NAME-tuned.toml)",
    )
    add_machine(parser)
    parser.add_argument("--quiet", action="store_true", help="do not show progress")


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed tune``."""
    from seedbed.tuning.table import lines
    from seedbed.tuning.tune import tune

    try:
        tuning = tune(
            arguments.study, to=arguments.to, quiet=arguments.quiet, **keywords(arguments)
        )
    except KeyboardInterrupt as stopped:
        stopped.add_note("run the same command again to resume")
        raise
    print("\n".join(lines(tuning)))
    file, folder = printable(str(tuning.file)), printable(str(tuning.folder))
    print(f"All trials are in {folder}/")
    print(f"The tuned study is in {file}; train it with: seedbed run {file}")
    return 0
