"""The command ``seedbed``: which commands there are, and the order in which one is run.

A command is a module with ``configure(parser)``, which adds its arguments, and ``main(arguments)``,
which does it and returns the exit status. It is imported only when it is called, so that
``seedbed --help`` answers at once. It may raise anything: :mod:`seedbed.cli.exit` makes one line of
it.

Exit status: 0 done, 1 the output could not be written, ``verify`` has a doubt, ``data check`` has
found something wrong or ``merge`` has left out a damaged run, 2 something the user can fix (one
line says what), 70 an error in Seedbed (one line says where the report of it is), 129, 130 and 143
stopped by a closed terminal, by Ctrl-C and by SIGTERM.
"""

import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import Final

COMMANDS: Final = {
    "run": "train a study, or the rest of it, and show its table",
    "new": "write a study file for a folder of images",
    "tune": "choose settings of a study by validation accuracy",
    "plan": "show what a study would train and how long it would take",
    "report": "write the results of a study as one HTML page",
    "table": "show a table of a study's results",
    "claims": "show which declared claims hold",
    "figures": "write the charts of a study as figures for a paper",
    "compare": "compare studies on the same test images, in one HTML page",
    "merge": "put studies of one specification together",
    "prune": "remove the weights of finished runs",
    "audit": "find labels that are wrong",
    "verify": "check that the files and figures of a study agree",
    "evaluate": "evaluate predictions from any other tool",
    "predict": "predict the classes of images with a trained network",
    "export": "export a trained network for PyTorch or as ONNX",
    "segment": "segment an image by texture",
    "data": "list, show, check and download datasets",
}
"""Name, which is that of the module in :mod:`seedbed.cli.commands`, -> help."""
OTHERS: Final = (
    "seedbed data check",
    "seedbed data download",
    "seedbed data list",
    "seedbed --help",
    "seedbed --version",
)
"""What is suggested in place of an unknown command, beside the commands."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Args:
        arguments: Without the program's name. By default those of the process, whose streams and
            signals are then the command's.

    """
    from seedbed.cli.exit import guarded

    words = sys.argv[1:] if arguments is None else list(arguments)
    return guarded(partial(_run, words), owns_process=arguments is None)


def _run(words: list[str]) -> int:
    # Here and not above, so that a signal finds the guard in place as early as possible.
    import gc
    import importlib

    from seedbed.cli.parser import main_parser
    from seedbed.core.memory import check_start

    parser = main_parser()
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    parsers = {name: commands.add_parser(name, help=what) for name, what in COMMANDS.items()}
    if not words:
        parser.print_help()
        return 0
    if "--version" in words:
        words = ["--version"]
    name = words[0]
    if name not in COMMANDS:
        if not name.startswith("-"):
            parser.error(_unknown_command(name))
        parser.parse_args(words)
        return 0
    check_start()
    # Imports leave no garbage; looking for it among modules takes a tenth of a start.
    gc.set_threshold(20_000)
    # What of NumPy uses threads is small here, each takes memory, and none may change a last digit.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    module = importlib.import_module(f"seedbed.cli.commands.{name}")
    parsers[name].description = (module.__doc__ or "").partition("\n\n")[0]
    module.configure(parsers[name])
    status: int = module.main(parsers[name].parse_args(words[1:]))
    return status


def _unknown_command(name: str) -> str:
    from seedbed.core.suggestions import unknown
    from seedbed.study.spec.reader import built_in_studies

    studies = [f"seedbed run {study}" for study in built_in_studies()]
    if name.endswith(".toml"):
        studies.append(f"seedbed run {name}")
    return unknown("command", name, COMMANDS, [*OTHERS, *studies])
