"""``summary.json``: everything that has been found out about a study, in one file.

A list with an object for each configuration, as :mod:`seedbed.analysis.summary.study` makes it.
It can be recomputed from the runs at any time, so it is used only while it describes exactly
what the folder holds. This module reads it without NumPy and pydantic, so that a table appears at
once.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import analyses, fields
from seedbed.core.errors import StoreError
from seedbed.core.files import write_atomically
from seedbed.study.store.names import CLAIMS, SUMMARY

FORMAT: Final = 9
"""Of every entry. A summary of another format is recomputed."""


def read_summary(folder: Path) -> list[Entry] | None:
    """Return the summary in a folder, or ``None`` if it has to be made (again).

    That is so if there is none, if another version of Seedbed wrote it, if an analysis has been
    added since, and if the study or its runs are not those that it was made of. A summary of
    external predictions (``source_hash`` is null) has no study behind it.

    Raises:
        StoreError: If a file in the folder may not be read, or a newer Seedbed wrote the summary.

    """
    try:
        contents = json.loads((folder / SUMMARY).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    except OSError as error:
        raise StoreError(
            f"cannot be read: {error.strerror}", where=str(folder / SUMMARY)
        ) from error
    if not isinstance(contents, list) or not contents:
        return None
    _reject_newer(contents, folder / SUMMARY)
    if not all(isinstance(entry, dict) and entry.get("format") == FORMAT for entry in contents):
        return None
    needed = set(fields())
    if not all(entry.keys() >= needed for entry in contents):
        return None  # an analysis is new
    known = fingerprint(folder) if (folder / "study.toml").exists() else None
    if not all(entry.get("source_hash") == known for entry in contents):
        return None
    return [Entry(entry) for entry in contents]


def _reject_newer(entries: Sequence[Any], file: Path) -> None:
    formats = [entry.get("format") for entry in entries if isinstance(entry, dict)]
    newest = max((number for number in formats if isinstance(number, int)), default=FORMAT)
    if newest > FORMAT:
        raise StoreError(
            f"was written by a newer Seedbed: its format is {newest}",
            where=str(file),
            expected=f"{FORMAT} or less",
            hint="upgrade Seedbed, or delete the file to recompute it",
        )


def write_summary(folder: Path, entries: Sequence[Entry]) -> None:
    """Write a summary; what is no finite number must be ``None`` in it.

    Raises:
        StoreError: If it cannot be written.

    """
    lines = ",\n".join(json.dumps(entry, allow_nan=False) for entry in entries)
    write_atomically(folder / SUMMARY, f"[\n{lines}\n]\n".encode())


def fingerprint(folder: Path) -> str:
    """Return a hash of what a summary is made of: the study, and all runs that have ended.

    The record of such a run holds the hashes of its other files. These files are only looked at,
    not read: one that is missing or has another size changes the hash. The answers of inquiries
    (:mod:`seedbed.analysis.inquiries.inquiry`) are part of it, too.

    Raises:
        StoreError: If a file may not be read.

    """
    digest = hashlib.sha256()
    try:
        for part in _contents(folder):
            digest.update(f"{len(part)}:".encode() + part)
    except OSError as error:
        raise StoreError(f"cannot be read: {error.strerror}", where=str(folder)) from error
    return digest.hexdigest()


def _contents(folder: Path) -> Iterator[bytes]:
    answer_files = [of.inquiry.file for of in analyses() if of.inquiry is not None]
    yield (folder / "study.toml").read_bytes()
    declared = folder / CLAIMS
    yield declared.read_bytes() if declared.is_file() else b""
    for record in sorted(folder.glob("runs/*/run.json")):
        contents = record.read_bytes()
        yield record.parent.name.encode()
        yield contents
        try:
            files = dict(json.loads(contents)["files"])
        except (ValueError, TypeError, KeyError):  # a damaged run: its contents are enough
            continue
        for name in sorted(files):
            file = record.with_name(name)
            yield str(file.stat().st_size if file.is_file() else None).encode()
        for name in answer_files:
            file = record.with_name(name)
            if file.is_file():
                yield file.read_bytes()
