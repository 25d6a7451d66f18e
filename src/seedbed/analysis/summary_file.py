"""``summary.json``: everything that has been found out about a study, in one file.

An object with a checksum, what is known of the whole study and, as ``entries``, a line with an
object for each configuration, as :mod:`seedbed.analysis.summary.study` makes it. It can be
recomputed from the runs at any time, so
it is used only while it is as it was written and describes exactly what the folder holds. This
module reads it without NumPy and pydantic, so that a table appears at once.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from seedbed.analysis.entry import Entry
from seedbed.analysis.registry import analyses, fields
from seedbed.core.errors import StoreError
from seedbed.core.files import make_way, write_atomically
from seedbed.core.parsing import parse_json
from seedbed.core.seal import BLANK, is_sealed, sealed_parts
from seedbed.display.notice import notice
from seedbed.study.store.index import StudyIndex
from seedbed.study.store.names import CLAIMS, SUMMARY

FORMAT: Final = 14
"""A summary of another format is recomputed."""
SHARED: Final = ("format", "source_hash", "study")
"""The fields that all entries have in common: the file has them once."""


def read_summary(folder: Path) -> list[Entry] | None:
    """Return the summary in a folder, or ``None`` if it has to be made (again).

    Raises:
        StoreError: As :func:`summary_state` does.
    """
    state = summary_state(folder)
    return state.stored.entries if state.is_current else None


def summary_state(folder: Path) -> "SummaryState":
    """Return the summary in a folder, and what it should be of.

    Raises:
        StoreError: If ``study.toml`` may not be read, a newer Seedbed wrote the summary, or that of
            external predictions was changed.

    """
    stored = stored_summary(folder)
    has_study = (folder / "study.toml").exists()
    if stored.damage and not has_study:
        raise StoreError(
            stored.damage,
            where=str(folder / SUMMARY),
            expected="the file as it was written: there is no study to make it from",
            hint="write it again with `seedbed evaluate --out`",
        )
    if stored.damage:
        notice(f"{folder / SUMMARY} {stored.damage}; it is made again from the runs")
    else:
        _reject_newer(stored.format, folder / SUMMARY)
    if not has_study:
        return SummaryState(stored)
    index = StudyIndex(folder)
    of_study = study_hash(folder)
    state = SummaryState(stored, index, of_study, runs_fingerprint(folder, of_study, index))
    index.write()
    return state


class StoredSummary(NamedTuple):
    """What ``summary.json`` holds, whether or not it is still true."""

    entries: list[Entry]
    """As far as they can be read; empty if there is no file."""
    damage: str = ""
    """What is wrong with the file, as the end of a sentence about it."""
    format: object = None
    source_hash: object = None

    @property
    def is_usable(self) -> bool:
        """Whether this version of Seedbed has written it, with the same analyses."""
        if self.damage or not self.entries or self.format != FORMAT:
            return False
        try:  # they were written together, so they have the same fields
            return self.entries[0].keys() >= set(fields())
        except StoreError:
            return False


@dataclass(frozen=True)
class SummaryState:
    """The summary in a folder, and what it should be of."""

    stored: StoredSummary
    index: StudyIndex | None = None
    """The runs in the folder; ``None`` without a study behind the summary."""
    study_hash: str | None = None
    source_hash: str | None = None

    @property
    def is_current(self) -> bool:
        """Whether the summary need not be made again.

        It must if there is none, if it was changed after it was written, if another version of
        Seedbed wrote it, if an analysis has been added since, and if the study or its runs are not
        those that it was made of. A summary of external predictions (``source_hash`` is null) has
        no study behind it.
        """
        return self.stored.is_usable and self.stored.source_hash == self.source_hash


class _File(msgspec.Struct):
    entries: list[msgspec.Raw]
    format: msgspec.Raw = msgspec.Raw(b"null")
    source_hash: msgspec.Raw = msgspec.Raw(b"null")
    study: msgspec.Raw = msgspec.Raw(b"null")


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
        if not contents.isascii():  # msgspec does not look into what it leaves as it is
            contents.decode()
        values = msgspec.json.decode(contents, type=_File)
        shared = {name: bytes(getattr(values, name)) for name in SHARED}
        entries = _entries(values.entries, shared)
        number, source_hash = (msgspec.json.decode(shared[name]) for name in SHARED[:2])
    except (UnicodeDecodeError, msgspec.DecodeError, RecursionError):
        return StoredSummary([], damage or "does not hold a list of entries")
    return StoredSummary(entries, damage, number, source_hash)


def _entries(lines: Sequence[msgspec.Raw], shared: Mapping[str, bytes]) -> list[Entry]:
    if not all(bytes(line).startswith(b"{") for line in lines):
        raise msgspec.DecodeError("an entry is no object")
    members = b", ".join(b'"%s": %s' % (name.encode(), of) for name, of in shared.items())
    return [Entry.of_line(line, members) for line in lines]


def _reject_newer(number: object, file: Path) -> None:
    if isinstance(number, int) and number > FORMAT:
        raise StoreError(
            f"was written by a newer Seedbed: its format is {number}",
            where=str(file),
            expected=f"{FORMAT} or less",
            hint="upgrade Seedbed, or delete the file to recompute it",
        )


def write_summary(folder: Path, entries: Sequence[Entry]) -> None:
    """Write a summary; what is no finite number must be ``None`` in it.

    Args:
        folder: Of the study.
        entries: Of the same study. Those that a file had and that are unchanged are written as that
            file had them.

    Raises:
        StoreError: If it cannot be written.

    """
    shared = {name: entries[0].get(name) for name in SHARED}
    head = json.dumps({"checksum": BLANK, **shared}, allow_nan=False).removesuffix("}")
    parts: list[bytes | memoryview] = [head.encode(), b', "entries": [\n']
    for place, entry in enumerate(entries):
        parts += [b",\n"] if place else []
        parts.append(memoryview(entry.line or _own_line(entry)))
    parts.append(b"\n]}\n")
    make_way(folder / SUMMARY)
    write_atomically(folder / SUMMARY, sealed_parts(parts))


def _own_line(entry: Entry) -> bytes:
    return json.dumps(entry.own_fields(SHARED), allow_nan=False).encode()


def study_hash(folder: Path) -> str:
    """Return a hash of ``study.toml`` and ``claims.json``.

    Raises:
        StoreError: If ``study.toml`` may not be read.

    """
    digest = hashlib.sha256()
    declared = folder / CLAIMS
    try:
        digest.update(_framed((folder / "study.toml").read_bytes()))
        digest.update(_framed(_read(declared) if os.path.lexists(declared) else b""))
    except OSError as error:
        raise StoreError(f"cannot be read: {error.strerror}", where=str(folder)) from error
    return digest.hexdigest()


def fingerprint(folder: Path) -> str:
    """Return a hash of what a summary is made of: the study, and all runs that have ended.

    The record of such a run holds the hashes of its other files. These files are only looked at,
    not read: one that is missing or has another size changes the hash. The answers of inquiries
    (:mod:`seedbed.analysis.inquiries.inquiry`) are part of it, too. Damaged runs that were set
    aside are not. Pruning changes nothing, since no number depends on what it removes.

    Raises:
        StoreError: If ``study.toml`` may not be read.

    """
    index = StudyIndex(folder)
    known = runs_fingerprint(folder, study_hash(folder), index)
    index.write()
    return known


def runs_fingerprint(folder: Path, of_study: str, index: StudyIndex) -> str:
    """Return :func:`fingerprint`, from the hash of the study and from the index."""
    digest = hashlib.sha256(of_study.encode())
    for name in index.names:
        digest.update(_framed(f"{name} {run_digest(index, folder, name)}".encode()))
    return digest.hexdigest()


def run_digest(index: StudyIndex, folder: Path, run_id: str) -> str:
    """Return a hash of what a summary depends on of a run; see :func:`fingerprint`."""
    return index.digest(run_id, lambda name: _digest_of(folder / "runs" / name))


def _digest_of(run: Path) -> str:
    digest = hashlib.sha256()
    for part in _contents(run):
        digest.update(_framed(part))
    return digest.hexdigest()


def _framed(part: bytes) -> bytes:
    return f"{len(part)}:".encode() + part


def _contents(run: Path) -> Iterator[bytes]:
    contents = _read(run / "run.json")
    try:
        values = parse_json(contents)
        files, pruned = dict(values["files"]), dict(values.get("pruned", {}))
        if pruned and is_sealed(contents):
            contents = _before_pruning(contents)
    except (ValueError, TypeError, KeyError):  # a damaged run
        yield contents
        return
    yield contents
    for name in sorted(files.keys() | pruned.keys()):
        yield _pruned_size(pruned[name]) if name in pruned else _size(run / name)
    for name in (of.inquiry.file for of in analyses() if of.inquiry is not None):
        if os.path.lexists(run / name):
            yield _read(run / name)


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
