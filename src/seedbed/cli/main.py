"""The ``seedbed`` program: its commands, and the exit status of each.

A command is a module with ``configure(parser)``, which adds its arguments, and ``main(arguments)``,
which runs it and returns the exit status. The module is imported only when its command is called,
so that ``seedbed --help`` is fast.

Exit status: 0 on success, 2 after an error that the user can fix (described in one line), 130 after
Ctrl-C.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from importlib import metadata
from typing import Final, NoReturn

from seedbed.core.errors import SeedbedError
from seedbed.core.suggestions import unknown
from seedbed.display.escape import printable

COMMANDS: Final = {
    "run": ("seedbed.cli.run", "train a study, or the rest of it, and show its table"),
    "plan": (
        "seedbed.cli.plan",
        "show what a study would train and how long it would take",
    ),
    "report": ("seedbed.cli.report", "write the results of a study as one HTML page"),
    "table": ("seedbed.cli.table", "show a table of a study's results"),
    "figures": ("seedbed.cli.figures", "write the charts of a study as figures for a paper"),
    "compare": (
        "seedbed.cli.compare",
        "compare studies on the same test images, in one HTML page",
    ),
    "evaluate": ("seedbed.cli.evaluate", "evaluate predictions from any other tool"),
    "predict": ("seedbed.cli.predict", "predict the classes of images with a trained network"),
    "export": ("seedbed.cli.export", "export a trained network for PyTorch or as ONNX"),
    "segment": ("seedbed.cli.segment", "segment an image by texture"),
    "data": ("seedbed.cli.data", "list, show and download datasets"),
}
"""Name -> module and help."""

STOPPED: Final = 130
"""Exit status after Ctrl-C, by the convention of shells."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Print one line, without the usage that argparse adds."""
        self.exit(2, f"{self.prog}: error: {printable(message)} (see {self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Args:
        arguments: Without the program's name; by default those of the process.

    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        status = _dispatch(words)
        sys.stdout.flush()
    except SeedbedError as error:
        print(f"seedbed: error: {printable(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("seedbed: stopped", file=sys.stderr)
        return STOPPED
    except BrokenPipeError:
        # The reader of the output has closed it; without this, Python fails to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def _dispatch(words: list[str]) -> int:
    parser = _Parser(
        prog="seedbed",
        description="Controlled studies of image classifiers: several seeds, error bars, and the "
        "images behind the errors.",
        epilog="Start with: seedbed run quickstart",
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)
    parsers = {name: commands.add_parser(name, help=text) for name, (_, text) in COMMANDS.items()}
    if not words:
        parser.print_help()
        return 0
    name = words[0]
    if name not in COMMANDS:
        if not name.startswith("-"):
            parser.error(unknown("command", name, COMMANDS))
        parser.parse_args(words)
        return 0
    module = importlib.import_module(COMMANDS[name][0])
    parsers[name].description = (module.__doc__ or "").partition("\n\n")[0]
    module.configure(parsers[name])
    status: int = module.main(parser.parse_args(words))
    return status


def _version() -> str:
    return f"seedbed {metadata.version('seedbed')}"


if __name__ == "__main__":
    sys.exit(main())
