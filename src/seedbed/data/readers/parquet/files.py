"""Which Parquet files of a folder belong to which split. The names decide, as on Hugging Face."""

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from seedbed.core.errors import DataError
from seedbed.data.images import SPLITS
from seedbed.data.readers.folders.split_names import split_of

DEPTH: Final = 2
"""How many folders may lie between a folder and its files, as in ``default/train/0000.parquet``."""
SHARD: Final = re.compile(r"-(\d+)-of-(\d+)(?:-[0-9a-f]+)?$")
"""The end of a name such as ``train-00000-of-00002``."""
WORD: Final = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True)
class SplitFiles:
    """The files of each split, sorted by name.

    Args:
        splits: By split, in the order of :data:`SPLITS`; ``train`` is there.
        unknown: Files whose names say no split, while others do.
        decisions: See :attr:`Reading.decisions`.
    """

    splits: dict[str, list[Path]]
    unknown: tuple[Path, ...] = ()
    decisions: tuple[str, ...] = ()


def parquet_files(folder: Path) -> list[Path]:
    """Return the Parquet files in a folder and its subfolders, sorted by name; no hidden ones."""
    return sorted(_files(folder, DEPTH))


def _files(folder: Path, depth: int) -> Iterator[Path]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.name.endswith(".parquet") and entry.is_file():
                yield Path(entry.path)
            elif depth and entry.is_dir():
                yield from _files(Path(entry.path), depth - 1)


def split_files(folder: Path) -> SplitFiles:
    """Return the files of each split.

    The last part of a path with the name of a split decides: ``data/test/0000.parquet`` belongs to
    the test split. If no name has one, all files are the training split.

    Raises:
        DataError: If a name says two splits, a split has two names or lies in two folders, parts of
            a split are missing, or there is no training split.
    """
    words: dict[str, set[str]] = defaultdict(set)
    folders: dict[str, set[Path]] = defaultdict(set)
    splits: dict[str, list[Path]] = defaultdict(list)
    unknown = []
    for file in parquet_files(folder):
        word, place = _word(file.relative_to(folder), folder)
        split = split_of(word)
        if split is None:
            unknown.append(file)
        else:
            splits[split].append(file)
            words[split].add(word)
            folders[split].add(place)
    if not splits:
        decision = "no file name says a split: all are the training split"
        return SplitFiles({"train": unknown}, (), (decision,))
    for split, files in splits.items():
        for kind, names in (("names", words[split]), ("folders", map(str, folders[split]))):
            several = sorted(names)
            if len(several) > 1:
                raise DataError(
                    f"the {split} split has the {kind} {' and '.join(several)}",
                    where=str(folder),
                    expected="one of them",
                    hint="give the path of one of them, or move the files of the other away",
                )
        _check_shards(files, folder)
    if "train" not in splits:
        raise DataError(
            "there is no Parquet file for the training split",
            where=str(folder),
            expected="a name such as train-00000-of-00001.parquet",
        )
    ordered = sorted(splits.items(), key=lambda item: list(SPLITS).index(item[0]))
    return SplitFiles(dict(ordered), tuple(unknown))


def _word(path: Path, folder: Path) -> tuple[str, Path]:
    """Return the word for the split, or ``""``, and the folders around the files of the splits."""
    parts = path.with_suffix("").parts
    for depth in reversed(range(len(parts))):
        words = [word.lower() for word in WORD.findall(parts[depth]) if split_of(word)]
        if len({split_of(word) for word in words}) > 1:
            raise DataError(
                f"{path} has the names of two splits, {' and '.join(words)}",
                where=str(folder),
                expected="one",
                hint="rename it",
            )
        if words:
            return words[0], Path(*parts[:depth])
    return "", path.parent


def _check_shards(files: Sequence[Path], folder: Path) -> None:
    """Reject a split whose files say that there are more of them."""
    present: dict[tuple[Path, int], set[int]] = defaultdict(set)
    for file in files:
        if match := SHARD.search(file.stem):
            start = file.with_name(file.stem[: match.start()])
            present[start, int(match[2])].add(int(match[1]))
    for (start, total), numbers in present.items():
        # No range is as long as a name may claim.
        if len(numbers) < total:
            first = next(number for number in range(total) if number not in numbers)
            raise DataError(
                f"{total - len(numbers)} of the {total} files of {start.relative_to(folder)} are "
                f"missing, the first is number {first}",
                where=str(folder),
                expected="all files of a split",
                hint="download or copy them",
            )
