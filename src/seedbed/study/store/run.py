"""The folder of one run: reads and writes its files.

While a run is in progress, only ``checkpoint.safetensors`` determines where it resumes: it holds
the engine's state and the history so far, and is replaced atomically after an epoch, at most once a
second. ``history.jsonl`` is a readable copy of that history; lines are appended with every
checkpoint, and the file is rewritten when the run resumes and when it ends. At the end,
``run.json`` is written after all other files, with their hashes. So whenever the process is killed,
the folder holds a run that has ended, one that can be resumed from its checkpoint, or one that
starts from the beginning.

A run that ends before anything of it is stored is written at once: its whole folder gets its name
when it is complete.
"""

import errno
import math
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from pydantic import ValidationError

from seedbed.core.errors import StoreError
from seedbed.core.files import (
    cannot_write,
    leftovers,
    make_way,
    partial_folder,
    set_aside,
    sha256,
    write_atomically,
    write_folder,
)
from seedbed.core.parsing import parse_json
from seedbed.core.seal import is_sealed, sealed
from seedbed.data.images import ImageIdentities
from seedbed.study.spec.reader import check_format
from seedbed.study.store.contents import checkpoint_contents, checkpoint_digest
from seedbed.study.store.contradictions import contradiction
from seedbed.study.store.ended import EndedRun
from seedbed.study.store.names import (
    CHECKPOINT,
    HISTORY,
    PREDICTIONS,
    RECORD,
    RUN_FILES,
    WEIGHTS,
    predictions_name,
)
from seedbed.study.store.record import PrunedRecord, RunRecord, history_lines, parse_history
from seedbed.training.engine import EpochRecord, RunState


class DamagedRunError(Exception):
    """A file of a run is missing or was changed after it was written, or contradicts another."""


@dataclass(frozen=True)
class StoredRun:
    """A run read from its folder, with every file verified."""

    record: RunRecord
    history: tuple[EpochRecord, ...]
    state: RunState | None = None
    """The state to resume from, if the run has not ended and has finished an epoch."""

    @property
    def kept(self) -> EpochRecord:
        """The record of the epoch whose weights and predictions are stored, for a finished run."""
        return self.history[(self.record.selected_epoch or len(self.history)) - 1]


class RunStore:
    """The folder of one run. Methods that write raise :class:`StoreError` if they cannot."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def record_file(self) -> Path:
        """``run.json``."""
        return self.folder / RECORD

    @property
    def history_file(self) -> Path:
        """``history.jsonl``."""
        return self.folder / HISTORY

    @property
    def predictions_file(self) -> Path:
        """Of the test split."""
        return self.folder / PREDICTIONS

    @property
    def weights_file(self) -> Path:
        """Of a run that has finished."""
        return self.folder / WEIGHTS

    @property
    def checkpoint_file(self) -> Path:
        """Of a run that has not ended."""
        return self.folder / CHECKPOINT

    def start(self, record: RunRecord, history: Sequence[EpochRecord]) -> None:
        """Store that the run is being trained; without a history it starts from the beginning."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(self.folder, error) from error
        self.remove_leftovers(keep_checkpoint=bool(history))
        write_atomically(self.record_file, record.to_json())
        if history:
            write_atomically(self.history_file, history_lines(history))
        else:
            self.history_file.unlink(missing_ok=True)

    def save_epochs(
        self, record: RunRecord, history: Sequence[EpochRecord], state: RunState, saved: int
    ) -> None:
        """Store the state after the last epoch of a history, whose first epochs are stored.

        Args:
            record: The record written by :meth:`start`.
            history: All epochs so far.
            state: After the last of them.
            saved: The number of epochs that are stored.
        """
        write_atomically(
            self.checkpoint_file, checkpoint_contents(record.id, history, state.arrays)
        )
        try:
            with self.history_file.open("ab") as file:
                file.write(history_lines(history[saved:]))
        except OSError as error:
            raise cannot_write(self.history_file, error) from error

    def end(self, record: RunRecord, history: Sequence[EpochRecord], ended: EndedRun) -> None:
        """Store the end of the run; if nothing of it is stored yet, in one step.

        Args:
            record: As for :meth:`start`.
            history: All epochs.
            ended: What the run leaves.
        """
        lines = history_lines(history)
        hashes = {**ended.hashes, HISTORY: sha256(lines)}
        record = record.model_copy(
            update={
                "status": "finished" if ended.diverged_epoch is None else "diverged",
                "diverged_epoch": ended.diverged_epoch,
                "diverged_reason": ended.diverged_reason,
                "selected_epoch": ended.selected_epoch,
                "finished": datetime.now(UTC),
                "seconds": math.fsum(epoch.seconds for epoch in history),
                "files": {name: hashes[name] for name in sorted(hashes)},
            }
        )
        contents: dict[str, bytes | memoryview] = {HISTORY: lines}
        contents |= {name: array.data for name, array in ended.files.items()}
        contents[RECORD] = record.to_json()  # the last one, which vouches for the others
        if not os.path.lexists(self.folder):
            write_folder(self.folder, contents)
            return
        for name, data in contents.items():
            write_atomically(self.folder / name, data)
        self.remove_leftovers()

    def load(self) -> StoredRun | None:
        """Return the stored run, or ``None`` if it has not been started.

        Raises:
            DamagedRunError: If a file is missing, was changed after it was written, or contradicts
                another.
            StoreError: If another version of Seedbed wrote it, or a file cannot be read.

        """
        names = self._names()
        if self.record_file.name not in names:
            if any(name.startswith(RUN_FILES) and not name.endswith(".partial") for name in names):
                raise DamagedRunError("run.json is missing")
            return None
        record = self._load_record()
        if record.status == "running":
            return self._load_running(record)
        needed = {HISTORY, WEIGHTS} if record.status == "finished" else {HISTORY}
        needed -= record.pruned.keys()
        contents = {
            name: self._read(self.folder / name) for name in sorted(needed | record.files.keys())
        }
        for name, data in contents.items():
            if record.files.get(name) != sha256(data):
                raise DamagedRunError(f"{name} was changed after it was written")
        try:
            history = parse_history(contents[HISTORY])
        except ValueError as error:
            raise DamagedRunError(f"{HISTORY} cannot be read: {error}") from error
        if problem := contradiction(record, history, contents.get(PREDICTIONS)):
            raise DamagedRunError(problem)
        return StoredRun(record, history)

    def predictions(self, split: str = "test") -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return the N×K logits and the N labels that a finished run kept for a split."""
        with np.load(self.folder / predictions_name(split), allow_pickle=False) as arrays:
            return arrays["logits"], arrays["labels"]

    def named_predictions(
        self, split: str = "test"
    ) -> tuple[NDArray[np.float32], NDArray[np.int64], ImageIdentities]:
        """Return :meth:`predictions`, and which images they are of."""
        with np.load(self.folder / predictions_name(split), allow_pickle=False) as arrays:
            images = ImageIdentities(arrays["names"], arrays["hashes"])
            return arrays["logits"], arrays["labels"], images

    def indices(self, split: str) -> NDArray[np.int64]:
        """Return the indices (N, int64) of the images of the kept logits in the dataset's split.

        ``RunRecord.splits`` has the name and the fingerprint of that split.
        """
        with np.load(self.folder / predictions_name(split), allow_pickle=False) as arrays:
            indices: NDArray[np.int64] = (
                np.arange(len(arrays["labels"])) if split == "test" else arrays["indices"]
            )
            return indices

    def identities(self, split: str = "test") -> ImageIdentities:
        """Return which images the kept logits of a split are of."""
        with np.load(self.folder / predictions_name(split), allow_pickle=False) as arrays:
            return ImageIdentities(arrays["names"], arrays["hashes"])

    def history(self) -> tuple[EpochRecord, ...]:
        """Return the epochs of a run that has ended."""
        return parse_history(self.history_file.read_bytes())

    def weights(self) -> dict[str, NDArray[np.float32]]:
        """Return the weights of a finished run by name.

        Raises:
            StoreError: If they were pruned.
        """
        if not self.weights_file.exists() and WEIGHTS in self._load_record().pruned:
            raise StoreError(
                "the weights of this run were pruned",
                where=str(self.folder),
                hint="to have them again, remove the folder and train the run with `seedbed run`",
            )
        weights: dict[str, NDArray[np.float32]] = safetensors.numpy.load_file(self.weights_file)
        return weights

    def weights_size(self, record: RunRecord) -> int:
        """Return the bytes of the weights of a finished run, whether or not they are there."""
        pruned = record.pruned.get(WEIGHTS)
        return pruned.size if pruned else self.weights_file.stat().st_size

    def prune_weights(self, record: RunRecord) -> None:
        """Remove the weights of a finished run; the caller holds the run's lock.

        ``run.json`` says so first, so that a kill leaves a file too many and not one too few.
        """
        files, pruned = dict(record.files), dict(record.pruned)
        if WEIGHTS in files:
            size = self.weights_file.stat().st_size
            pruned[WEIGHTS] = PrunedRecord(sha256=files.pop(WEIGHTS), size=size)
            update = {"files": files, "pruned": pruned}
            write_atomically(self.record_file, record.model_copy(update=update).to_json())
        try:
            self.weights_file.unlink(missing_ok=True)
        except OSError as error:
            raise cannot_write(self.weights_file, error) from error

    def read_answers(self, name: str) -> bytes:
        """Return the contents of a file added after the run ended.

        Empty if there is none or it is damaged: whatever it holds can be asked again.
        """
        try:
            contents = (self.folder / name).read_bytes()
        except OSError:  # damage_of_answers names the reason
            return b""
        return contents if is_sealed(contents) else b""

    def damage_of_answers(self, name: str) -> str:
        """Return what is wrong with a file added after the run ended, or an empty string."""
        try:
            contents = (self.folder / name).read_bytes()
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"cannot be read: {error.strerror}"
        return "" if is_sealed(contents) else "was changed after it was written"

    def write_answers(self, name: str, contents: bytes) -> None:
        """Add a file to a run that has ended, or replace it; the caller holds the study's lock.

        Args:
            name: Of the file.
            contents: With room for a seal (:mod:`seedbed.core.seal`).
        """
        make_way(self.folder / name)
        write_atomically(self.folder / name, sealed(contents))

    def remove_leftovers(self, *, keep_checkpoint: bool = False) -> None:
        """Remove the files that a killed process left; the caller holds the run's lock."""
        try:
            for partial in leftovers(self.folder):
                if partial.name.startswith(RUN_FILES):
                    partial.unlink()
            if not keep_checkpoint:
                self.checkpoint_file.unlink(missing_ok=True)
            partial_run = partial_folder(self.folder)
            if partial_run.exists():
                shutil.rmtree(partial_run)
        except OSError as error:
            raise cannot_write(self.folder, error) from error

    def set_aside(self) -> Path:
        """Rename the folder so that the run can be trained again, and return the new path."""
        return set_aside(self.folder)

    def _names(self) -> set[str]:
        """Return the names in the folder; none if there is no folder."""
        try:
            with os.scandir(self.folder) as entries:
                folders = {entry.name: Path(entry).is_dir() for entry in entries}
        except FileNotFoundError as error:
            if self.folder.is_symlink():
                raise DamagedRunError("its folder is a broken link") from error
            return set()
        except OSError as error:
            if error.errno in (errno.ENOTDIR, errno.ELOOP):
                raise DamagedRunError("it is not a folder") from error
            where = str(self.folder)
            raise StoreError(f"cannot read it: {error.strerror}", where=where) from error
        for name, is_folder in folders.items():
            if is_folder and name.startswith(RUN_FILES):
                raise DamagedRunError(f"{name} is a folder")
        return set(folders)

    def _load_record(self) -> RunRecord:
        contents = self._read(self.record_file)
        if not is_sealed(contents):
            raise DamagedRunError("run.json was changed after it was written")
        try:
            values = parse_json(contents)
        except ValueError as error:
            raise DamagedRunError("run.json cannot be read") from error
        if not isinstance(values, dict):
            raise DamagedRunError("run.json is not a JSON object")
        check_format(values.get("format"), str(self.record_file))
        values.pop("checksum", None)
        try:
            record = RunRecord.model_validate(values)
        except ValidationError as error:
            raise DamagedRunError("run.json cannot be read") from error
        if record.id != self.folder.name:
            raise DamagedRunError(f"run.json belongs to run {record.id}")
        return record

    def _load_running(self, record: RunRecord) -> StoredRun:
        try:
            contents = self.checkpoint_file.read_bytes()
        except FileNotFoundError:  # not written yet, or the run is just ending
            return StoredRun(record, ())
        except OSError as error:
            where = str(self.checkpoint_file)
            raise StoreError(f"cannot read it: {error.strerror}", where=where) from error
        try:
            arrays = safetensors.numpy.load(contents)
            # The file starts with the length of its JSON header, which has our metadata.
            header = parse_json(contents[8 : 8 + int.from_bytes(contents[:8], "little")])
            stored = header["__metadata__"]
            history = parse_history(stored["history"].encode())
            whole = stored["sha256"] == checkpoint_digest(record.id, stored["history"], arrays)
        except (safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
            raise DamagedRunError(f"{self.checkpoint_file.name} cannot be read") from error
        if not whole or not history:
            name = self.checkpoint_file.name
            raise DamagedRunError(f"{name} was changed after it was written")
        return StoredRun(record, history, RunState(len(history), arrays))

    def _read(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.EISDIR, errno.ELOOP):
                raise DamagedRunError(f"{path.name} is missing") from error
            raise StoreError(f"cannot read it: {error.strerror}", where=str(path)) from error
