"""What is known of the files of a study's runs since they were last read: a cache, never the truth.

Reading 100,000 runs takes minutes; to see that their files are those of before takes seconds. So
``.index.json`` keeps, for each run, a stamp of its files (names, sizes, times of the last change)
with what was found out while they had that stamp: whether the run has ended and is whole, and the
hash of what summaries depend on. A run whose stamp is another one is read again. An index that is
lost, old, damaged or was copied from another machine costs time and nothing else: it is made again
from the files.

Times of files are coarse. So what is known of files that have changed within the last seconds is
not kept, because they could change again and have the same times.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from seedbed.core.errors import StoreError
from seedbed.core.files import write_atomically
from seedbed.core.seal import BLANK, is_sealed, sealed
from seedbed.study.store.names import CHECKPOINT, RECORD, RUN_FILES

INDEX: Final = ".index.json"
FORMAT: Final = 2
COARSE: Final = 2.0
"""Seconds within which two changes of a file may have the same time, on any file system."""


Facts: TypeAlias = tuple[str, int, int, int, int]
"""Name, size, inode, and times of the last change of contents and of anything."""


class Known(msgspec.Struct, array_like=True):
    """What is known of a run while its files have this stamp."""

    stamp: str
    digest: str = ""
    """Of what summaries depend on; empty if that is not known."""
    ended: bool = False
    """Whether it has been read, and was found to have ended and to be whole."""


class _File(msgspec.Struct):
    checksum: str
    format: int
    runs: dict[str, Known]


class StudyIndex:
    """The runs in the folder of a study as they are now, and what is known of them.

    Args:
        folder: Of the study. Its files are looked at once, and never read.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / INDEX
        self._runs: dict[str, Known] = {}
        self._young: set[str] = set()
        self._left_over: set[str] = set()
        self._partial: list[Path] = []
        self._changed = False
        begun, before = time.time(), _read(self._file)
        self._folders = _folders(folder / "runs")
        for name, files in _runs(folder / "runs", self._folders or ()):
            stamp, changed = _stamp(files)
            left = [of[0] for of in files if of[0] == CHECKPOINT or of[0].endswith(".partial")]
            if left:
                self._partial += [folder / "runs" / name / of for of in left if of != CHECKPOINT]
                self._left_over.add(name)
            known = before.get(name)
            if known is None or known.stamp != stamp:
                known = Known(stamp)
            if changed > begun - COARSE:
                self._young.add(name)
            self._runs[name] = known
        self._lost = len(before.keys() - self._runs.keys())

    def __len__(self) -> int:
        return len(self._runs)

    def __contains__(self, run_id: str) -> bool:
        return run_id in self._runs

    @property
    def names(self) -> list[str]:
        """The names of the folders of all runs that have been started, sorted."""
        return sorted(self._runs)

    def has_ended(self, run_id: str) -> bool:
        """Whether a run is known to have ended, to be whole, and to be rid of its checkpoint."""
        known = self._runs.get(run_id)
        return known is not None and known.ended and run_id not in self._left_over

    def is_absent(self, run_id: str) -> bool:
        """Whether it is certain that nothing of a run is stored."""
        return self._folders is not None and run_id not in self._folders

    def note(self, run_id: str) -> None:
        """Keep that a run, which has been read since, has ended and is whole."""
        known = self._runs.get(run_id)
        if known is not None and not known.ended:
            known.ended = True
            self._changed |= run_id not in self._young

    def digest(self, run_id: str, digest_of: Callable[[str], str]) -> str:
        """Return the hash of what summaries depend on; ``digest_of`` is asked if it is unknown."""
        known = self._runs[run_id]
        if not known.digest:
            known.digest = digest_of(run_id)
            self._changed |= run_id not in self._young
        return known.digest

    def remove_partial_answers(self) -> None:
        """Remove what killed processes left of answers of weights; the study is locked."""
        for file in self._partial:
            if not file.name.startswith(RUN_FILES):
                file.unlink(missing_ok=True)

    def write(self) -> None:
        """Store what is known, if that is more than before; not in a folder that is read-only."""
        kept = {name: of for name, of in self._runs.items() if name not in self._young}
        if not (kept and (self._changed or self._lost)) or not os.access(
            self._file.parent, os.W_OK
        ):
            return
        contents = msgspec.json.encode(_File(BLANK, FORMAT, kept))
        try:
            write_atomically(self._file, sealed(contents))
        except StoreError:  # a full disk, say: what needs the room is not told to fail for a cache
            return


def _read(file: Path) -> dict[str, Known]:
    try:
        contents = file.read_bytes()
        known = msgspec.json.decode(contents, type=_File)
    except (OSError, msgspec.DecodeError):  # there is none, or it is damaged: it is made again
        return {}
    return known.runs if known.format == FORMAT and is_sealed(contents) else {}


def _folders(runs: Path) -> frozenset[str] | None:
    """Return the names in a folder of runs, or ``None`` if they cannot be read."""
    try:
        with os.scandir(runs) as folders:
            names = (each.name for each in folders)
            return frozenset(
                name for name in names if ".damaged-" not in name and not name.endswith(".partial")
            )
    except FileNotFoundError:
        return frozenset()
    except OSError:
        return None


def _runs(runs: Path, names: Iterable[str]) -> Iterator[tuple[str, list[Facts]]]:
    """Yield the name of each run that has been started, and what is known of its files."""
    folder = f"{runs}{os.sep}"  # a Path would take as long as the rest
    for name in names:
        try:
            with os.scandir(folder + name) as files:
                found = sorted(map(_facts, files))
        except OSError:
            continue
        if any([of[0] == RECORD for of in found]):  # noqa: C419 - twice as fast, for few files
            yield name, found


def _stamp(files: Sequence[Facts]) -> tuple[str, float]:
    """Return the stamp of a run's files, and when one of them has changed last."""
    try:
        facts = msgspec.msgpack.encode(files)
    except UnicodeEncodeError:  # a name that is no text
        facts = repr(files).encode(errors="surrogateescape")
    digest = hashlib.blake2b(facts, digest_size=12)
    return digest.hexdigest(), max([of[4] for of in files]) / 1e9


def _facts(file: "os.DirEntry[str]") -> Facts:
    try:
        facts = file.stat()
    except OSError:  # a broken link
        facts = file.stat(follow_symlinks=False)
    return file.name, facts.st_size, facts.st_ino, facts.st_mtime_ns, facts.st_ctime_ns
