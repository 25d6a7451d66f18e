"""Options that say how the user's own images are read, where these do not tell."""

import argparse
from typing import get_args

from seedbed.data.reading import LayoutName


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Add ``--layout`` and ``--label-column``."""
    parser.add_argument(
        "--layout",
        choices=get_args(LayoutName),
        help="what the folders of a folder of images are, if that is in doubt",
    )
    parser.add_argument(
        "--label-column",
        metavar="COLUMN",
        help="the column of labels of a table or of Parquet files, if that is in doubt",
    )
