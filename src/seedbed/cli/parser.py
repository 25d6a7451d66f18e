"""The parser of the command line, whose mistakes are one line as everywhere in Seedbed."""

import argparse
from typing import Any, NoReturn

from seedbed.display.escape import printable


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Exit with status 2."""
        self.exit(2, f"{self.prog}: error: {printable(message)} (see {self.prog} --help)\n")


class _ShowVersion(argparse.Action):
    def __init__(self, **options: Any) -> None:
        super().__init__(nargs=0, help="show the version and exit", **options)

    def __call__(self, parser: argparse.ArgumentParser, *_: object, **__: object) -> NoReturn:
        # Reading the metadata takes longer than the rest of a command's start.
        from importlib import metadata

        print("seedbed", metadata.version("seedbed"))
        parser.exit()


def main_parser() -> Parser:
    """Return the parser of ``seedbed`` without its commands."""
    parser = Parser(
        prog="seedbed",
        description="Controlled studies of image classifiers: many seeds, error bars, and the "
        "images behind the errors.",
        epilog="Begin with: seedbed run quickstart",
    )
    parser.add_argument("--version", action=_ShowVersion)
    return parser
