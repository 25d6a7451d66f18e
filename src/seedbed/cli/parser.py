"""The parser of the command line, whose mistakes are one line as everywhere in Seedbed."""

import argparse
from importlib import metadata
from typing import NoReturn

from seedbed.display.escape import printable


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Exit with status 2."""
        self.exit(2, f"{self.prog}: error: {printable(message)} (see {self.prog} --help)\n")


def main_parser() -> Parser:
    """Return the parser of ``seedbed`` without its commands."""
    parser = Parser(
        prog="seedbed",
        description="Controlled studies of image classifiers: many seeds, error bars, and the "
        "images behind the errors.",
        epilog="Begin with: seedbed run quickstart",
    )
    version = f"seedbed {metadata.version('seedbed')}"
    parser.add_argument("--version", action="version", version=version)
    return parser
