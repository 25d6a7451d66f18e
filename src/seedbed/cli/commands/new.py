"""Write a study file for a folder of images, to begin with.

``seedbed run FOLDER`` trains the same study without a file.
"""

import argparse
import os
from pathlib import Path

from seedbed.cli.reading import add_reading
from seedbed.core.errors import StudyError
from seedbed.core.files import write_atomically
from seedbed.display.escape import printable
from seedbed.study.spec.folder import folder_study, study_name


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed new``."""
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="a folder of images, or a dataset by its path"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="the study file (default: the folder's name.toml)"
    )
    add_reading(parser)


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed new``."""
    folder: Path = arguments.folder
    if not folder.is_dir():
        raise StudyError("there is no such folder", where=str(folder))
    file: Path = arguments.out or Path(f"{study_name(folder)}.toml")
    if file.exists():
        raise StudyError(
            "exists already",
            where=str(file),
            hint="remove it, or choose another file with --out",
        )
    path = Path(os.path.relpath(folder.resolve(), file.resolve().parent)).as_posix()
    text = folder_study(
        folder, arguments.layout, arguments.label_column, path=f"{path}/", file=str(file)
    )
    write_atomically(file, text.encode(), "choose another file with --out")
    print(
        f"The study is in {printable(str(file))}; train it with: seedbed run {printable(str(file))}"
    )
    return 0
