"""Addresses of the files behind the pictures of a page, relative to the page.

A page is made to be sent, so it may not tell where things lie on the machine that wrote it. A file
has an address only if it exists, lies below the folder of the dataset, and shares a folder with the
page that belongs to the user: the home folder or one below it, or elsewhere any but the root.
"""

import os
import re
from collections.abc import Iterable, Sequence
from os.path import commonprefix
from pathlib import Path
from typing import Final
from urllib.parse import quote

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.image_errors import images_by_index

_ABSOLUTE: Final = re.compile(r"/|~/|[A-Za-z]:[\\/]|\\\\")


def file_links(entries: Sequence[Entry], root: Path, page: Path) -> dict[int, str]:
    """Return the addresses of the files of misclassified images, by index in the test split.

    Args:
        entries: Of one test set.
        root: The folder that the names of its images start from.
        page: The file of the page.
    """
    start, folder = page.absolute().parent, root.absolute()
    if not root.is_dir() or not _shared(start, folder):
        return {}
    links = {}
    for index, image in images_by_index(entries).items():
        if image.name is None or not _is_below(image.name):
            continue
        file = folder / image.name
        if file.is_file():
            # The colon, too: an address must not begin like "javascript:".
            links[index] = quote(os.fsencode(Path(os.path.relpath(file, start)).as_posix()))
    return links


def _shared(start: Path, folder: Path) -> bool:
    """Return whether the way from one folder to the other stays among the user's folders."""
    try:
        common = Path(os.path.commonpath([start, folder]))
    except ValueError:  # on different drives
        return False
    return common != Path(common.anchor) and common not in Path.home().parents


def _is_below(name: str) -> bool:
    """Return whether a name is that of a file below a folder."""
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts


def absolute_names(entries: Iterable[Entry]) -> list[str]:
    """Return the absolute names of misclassified images, which are all that a page names."""
    errors = [entry.get("image_errors") or {} for entry in entries]
    names = [name for of_entry in errors for name in of_entry.get("name") or ()]
    return [name for name in names if _ABSOLUTE.match(name)]


def common_folder(names: Sequence[str]) -> str:
    """Return the folder that all paths are below, with a slash at its end; empty of none."""
    # Paths of any system, so the common letters are cut behind a separator.
    return re.sub(r"[^/\\]*$", "", commonprefix(names))  # noqa: RUF071
