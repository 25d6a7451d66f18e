"""What is in a folder of images: one walk, which leaves nothing out without a word.

Links that lead to something inside the folder are followed.
"""

import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from PIL import Image

from seedbed.core.errors import DataError
from seedbed.data.readers.bounded import readable
from seedbed.data.readers.decoding import FORMATS, UNDECODABLE
from seedbed.data.reading import LeftOut

SYSTEM: Final = frozenset(
    [
        *("@eadir", "__macosx", "#recycle", "$recycle.bin", "system volume information"),
        *("lost+found", "thumbs.db", "ehthumbs.db", "desktop.ini"),
    ]
)
"""Files and folders of operating systems and network drives, in lower case. So are names that start
with a dot, among them macOS's ``._*`` and ``.DS_Store``."""
IMAGES: Final = frozenset(
    [
        *(".bmp", ".dib", ".gif", ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".pbm", ".pgm"),
        *(".pnm", ".ppm", ".tif", ".tiff", ".webp"),
    ]
)
"""Suffixes of images that can be decoded."""
OTHER_IMAGES: Final = frozenset(
    [
        *(".arw", ".avif", ".cr2", ".cr3", ".dcm", ".dng", ".eps", ".heic", ".heif", ".ico"),
        *(".j2k", ".jp2", ".jxl", ".nef", ".orf", ".psd", ".raw", ".rw2", ".svg", ".tga"),
    ]
)
"""Suffixes of images that cannot be decoded: they are unreadable, not something else."""
NO_IMAGES: Final = "files that are no images"
BROKEN_LINKS: Final = "broken links"
"""Reasons to leave out a file."""
MAX_DEPTH: Final = 100
"""Folders inside each other."""
TABLES: Final = ("labels.csv", "metadata.csv")
"""Names of tables of labels, in lower case."""


@dataclass
class Folder:
    """A folder below the root, without what was left out.

    Args:
        path: Where it is.
        below: The names that lead to it from the root, escaped where they are not UTF-8.
        folders: In it, sorted by name.
        images: Paths of the image files in it, sorted by name.
        others: How many files in it are no images.
        entries: How many entries it has that are neither folders nor hidden, broken links included.
    """

    path: Path
    below: tuple[str, ...] = ()
    folders: list["Folder"] = field(default_factory=list)
    images: list[Path] = field(default_factory=list)
    others: int = 0
    entries: int = 0

    @property
    def name(self) -> str:
        """Its own name; that of the root is empty."""
        return self.below[-1] if self.below else ""

    @property
    def shown(self) -> str:
        """Its path below the root, with a slash at the end."""
        return "".join(f"{part}/" for part in self.below)

    @property
    def has_images(self) -> bool:
        """Whether an image is in it or below it."""
        return bool(self.images) or any(folder.has_images for folder in self.folders)

    @property
    def branches(self) -> list["Folder"]:
        """The folders in it that have images."""
        return [folder for folder in self.folders if folder.has_images]

    @property
    def unwrapped(self) -> "Folder":
        """The folder itself, or the one that it is only wrapped around."""
        folder = self
        while len(folder.branches) == 1 and folder.branches[0].branches:
            folder = folder.branches[0]
        return folder

    def files(self) -> Iterator[Path]:
        """Yield the images in it and below it, sorted by path."""
        folders = {folder.path.name: folder for folder in self.folders}
        images = {path.name: path for path in self.images}
        for name in sorted([*folders, *images]):
            if name in folders:
                yield from folders[name].files()
            else:
                yield images[name]


@dataclass
class Tree:
    """A folder of images.

    Args:
        root: The folder.
        tables: The tables of labels in it, by the folder below the root that has one.
        left_out: Names of what was left out, by reason.
    """

    root: Folder
    tables: dict[tuple[str, ...], Path] = field(default_factory=dict)
    left_out: dict[str, list[str]] = field(default_factory=dict)

    def leave_out(self, reason: str, *names: str) -> None:
        """Leave out files for a reason."""
        if names:
            self.left_out.setdefault(reason, []).extend(names)

    def name(self, path: Path) -> str:
        """Return the name of an image: its path below the root with ``/``, escaped where needed."""
        return escaped(path.relative_to(self.root.path).as_posix())

    def all_left_out(self) -> tuple[LeftOut, ...]:
        """Return what was left out, for a :class:`~seedbed.data.reading.Reading`."""
        return tuple(LeftOut(reason, tuple(names)) for reason, names in self.left_out.items())


def walk(root: Path) -> Tree:
    """Return what is in a folder.

    The folder itself may be a link: the user named it.

    Raises:
        DataError: If a link leads out of the folder, a folder's name is not UTF-8, or a folder
            cannot be read.
    """
    tree = Tree(Folder(root))
    _walk(tree, tree.root, root.resolve(), (os.path.realpath(root),))
    return tree


def escaped(name: str) -> str:
    r"""Return a name in which bytes that are not UTF-8 are escaped: ``caf\xe9``."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("utf-8", "backslashreplace")
    return name


def _walk(tree: Tree, folder: Folder, inside: Path, around: tuple[str, ...]) -> None:
    """Fill a folder; ``around`` has the real paths of it and of the folders around it."""
    if len(folder.below) > MAX_DEPTH:
        raise DataError("folders are nested too deeply", where=str(folder.path))
    with readable(folder.path), os.scandir(folder.path) as scan:
        entries = sorted(scan, key=lambda entry: entry.name)
    for entry in entries:
        path = folder.path / entry.name
        if entry.name.startswith(".") or entry.name.lower() in SYSTEM:
            tree.leave_out("system files and folders", tree.name(path))
            continue
        is_link = entry.is_symlink()
        if is_link and not _leads_inside(path, tree, inside):
            folder.entries += 1
            tree.leave_out(BROKEN_LINKS, tree.name(path))
        elif entry.is_dir():
            real = os.path.realpath(path) if is_link else f"{around[-1]}{os.sep}{entry.name}"
            if real in around:
                tree.leave_out("links to a folder around them", tree.name(path))
                continue
            _check_name(path)
            below = Folder(path, (*folder.below, entry.name))
            folder.folders.append(below)
            _walk(tree, below, inside, (*around, real))
        else:
            folder.entries += 1
            if entry.is_file() and _is_image(path):
                folder.images.append(path)
            elif entry.name.lower() in TABLES and folder.below not in tree.tables:
                tree.tables[folder.below] = path
            else:
                folder.others += 1
                tree.leave_out(NO_IMAGES, tree.name(path))


def _is_image(path: Path) -> bool:
    """Whether a file is an image by its suffix or, if that says nothing, by its contents."""
    suffix = path.suffix.lower()
    if suffix in IMAGES or suffix in OTHER_IMAGES:
        return True
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=FORMATS):
            return True
    except Image.DecompressionBombError:
        return True
    except UNDECODABLE:
        return False


def _leads_inside(path: Path, tree: Tree, inside: Path) -> bool:
    """Return whether a link leads to something; reject one that leads out of the folder."""
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):  # RuntimeError: a loop, before Python 3.13
        return False
    if not target.is_relative_to(inside):
        raise DataError(
            f"is a link to {target}, outside the dataset",
            where=str(path),
            expected=f"files in {tree.root.path}",
            hint="copy the file, if it belongs to the dataset",
        )
    return True


def _check_name(path: Path) -> None:
    name = escaped(path.name)
    if name == path.name:
        return
    # Most such names come from systems that wrote Western European text, one byte per letter.
    likely = os.fsencode(path.name).decode("latin-1")
    raise DataError(
        f"the name of the folder {name!r} is not UTF-8".replace("\\\\", "\\"),
        where=escaped(str(path.parent)),
        expected="folder names in UTF-8, because they name classes",
        hint=f"rename it, for example with: mv $'{name}' '{likely}'",
    )
