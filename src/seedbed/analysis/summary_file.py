"""``summary.json``: everything that has been found out about a study, in one file.

An object with a checksum and, as ``entries``, an object for each configuration, as
:mod:`seedbed.analysis.summary.study` makes it. It can be recomputed from the runs at any time, so
it is used only while it is as it was written and describes exactly what the folder holds. This
module reads it without NumPy and pydantic, so that a table appears at once.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import analyses, fields
from seedbed.core.errors import StoreError
from seedbed.core.files import make_way, write_atomically
from seedbed.core.parsing import parse_json
from seedbed.core.seal import BLANK, is_sealed, sealed
from seedbed.display.notice import notice
from seedbed.study.store.names import CLAIMS, SUMMARY

FORMAT: Final = 12
"""Of every entry. A summary of another format is recomputed."""


def read_summary(folder: Path) -> list[Entry] | None:
    """Return the summary in a folder, or ``None`` if it has to be made (again).

    That is so if there is none, if it was changed after it was written (the user is told), if
    another version of Seedbed wrote it, if an analysis has been added since, and if the study or
    its runs are not those that it was made of. A summary of external predictions (``source_hash``
    is null) has no study behind it.

    Raises:
        StoreError: If ``study.toml`` may not be read, a newer Seedbed wrote the summary, or that of
            external predictions was changed.

    """
    stored = stored_summary(folder)
    if stored.damage and not (folder / "study.toml").exists():
        raise StoreError(
            stored.damage,
            where=str(folder / SUMMARY),
            expected="the file as it was written: there is no study to make it from",
            hint="write it again with `seedbed evaluate --out`",
        )
    if stored.damage:
        notice(f"{folder / SUMMARY} {stored.damage}; it is made again from the runs")
        return None
    entries = stored.entries
    _reject_newer(entries, folder / SUMMARY)
    if not entries or not all(entry.get("format") == FORMAT for entry in entries):
        return None
    needed = set(fields())
    if not all(entry.keys() >= needed for entry in entries):
        return None  # an analysis is new
    known = fingerprint(folder) if (folder / "study.toml").exists() else None
    if not all(entry.get("source_hash") == known for entry in entries):
        return None
    return entries


class StoredSummary(NamedTuple):
    """What ``summary.json`` holds, whether or not it is still true."""

    entries: list[Entry]
    """As far as they can be read; empty if there is no file."""
    damage: str = ""
    """What is wrong with the file, as the end of a sentence about it."""


def stored_summary(folder: Path) -> StoredSummary:
    """Return the summary in a folder."""
    file = folder / SUMMARY
    try:
        contents = file.read_bytes()
    except OSError as error:
        missing = isinstance(error, FileNotFoundError | NotADirectoryError)
        damage = "" if missing and not file.is_symlink() else f"cannot be read: {error.strerror}"
        return StoredSummary([], damage)
    damage = "" if is_sealed(contents) else "was changed after it was written"
    try:
        entries = [Entry(entry) for entry in parse_json(contents)["entries"]]
    except (ValueError, TypeError, KeyError):
        return StoredSummary([], damage or "does not hold a list of entries")
    return StoredSummary(entries, damage)


def _reject_newer(entries: Sequence[Entry], file: Path) -> None:
    formats = [entry.get("format") for entry in entries]
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
    text = f'{{"checksum": "{BLANK}", "entries": [\n{lines}\n]}}\n'
    make_way(folder / SUMMARY)
    write_atomically(folder / SUMMARY, sealed(text.encode()))


def fingerprint(folder: Path) -> str:
    """Return a hash of what a summary is made of: the study, and all runs that have ended.

    The record of such a run holds the hashes of its other files. These files are only looked at,
    not read: one that is missing or has another size changes the hash. The answers of inquiries
    (:mod:`seedbed.analysis.inquiries.inquiry`) are part of it, too. Damaged runs that were set
    aside are not. Pruning changes nothing, since no number depends on what it removes.

    Raises:
        StoreError: If ``study.toml`` may not be read.

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
    yield _read(declared) if os.path.lexists(declared) else b""
    for record in sorted(folder.glob("runs/*/run.json")):
        if ".damaged-" in record.parent.name:
            continue
        contents = _read(record)
        yield record.parent.name.encode()
        try:
            values = parse_json(contents)
            files, pruned = dict(values["files"]), dict(values.get("pruned", {}))
            if pruned and is_sealed(contents):
                contents = _before_pruning(contents)
        except (ValueError, TypeError, KeyError):  # a damaged run
            yield contents
            continue
        yield contents
        for name in sorted(files.keys() | pruned.keys()):
            yield _pruned_size(pruned[name]) if name in pruned else _size(record.parent / name)
        for name in answer_files:
            if os.path.lexists(record.parent / name):
                yield _read(record.parent / name)


def _before_pruning(contents: bytes) -> bytes:
    from seedbed.study.store.record import before_pruning  # importing pydantic takes a while

    return before_pruning(contents)


def _pruned_size(recorded: object) -> bytes:
    return str(recorded.get("size") if isinstance(recorded, dict) else recorded).encode()


def _read(file: Path) -> bytes:
    """Return the contents of a file of a run, or why it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        return str(error.strerror).encode()


def _size(file: Path) -> bytes:
    """Return the size of a file of a run; ``None`` if there is no such file."""
    try:
        return str(file.stat().st_size if file.is_file() else None).encode()
    except (OSError, ValueError) as error:  # a damaged record may name anything
        return str(error).encode()
