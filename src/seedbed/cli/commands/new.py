"""Write a study file for images, to begin with.

``seedbed run PATH`` trains the same study without a file.
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
        "path", type=Path, metavar="PATH", help="a folder of images, or a file of them"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="the study file (default: the images' name.toml)"
    )
    add_reading(parser)


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed new``."""
    images: Path = arguments.path
    file: Path = arguments.out or Path(f"{study_name(images)}.toml")
    if file.exists():
        raise StudyError(
            "exists already",
            where=str(file),
            hint="remove it, or choose another file with --out",
        )
    path = Path(os.path.relpath(images.resolve(), file.resolve().parent)).as_posix()
    path += "/" if images.is_dir() else ""
    text = folder_study(images, arguments.layout, arguments.label_column, path=path, file=str(file))
    write_atomically(file, text.encode(), "choose another file with --out")
    print(
        f"The study is in {printable(str(file))}; train it with: seedbed run {printable(str(file))}"
    )
    return 0
