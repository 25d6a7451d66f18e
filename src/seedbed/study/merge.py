"""Puts studies of one specification together: the runs of several folders in a new one.

The folders that are merged are only read. Every file is checked against its hash when it is copied,
and the new folder appears under its name when it is whole. Its summary is made when it is needed.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from seedbed.core.arguments import path_of
from seedbed.core.errors import StoreError, StudyError
from seedbed.core.files import cannot_write, sha256, write_atomically
from seedbed.core.seal import is_sealed
from seedbed.core.seeds import Seeds
from seedbed.study.plan import plan_runs
from seedbed.study.spec.configuration import flat
from seedbed.study.spec.seeds import read_seeds, written_seeds
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.claims import (
    Declarations,
    Declared,
    read_declarations,
    write_declarations,
)
from seedbed.study.store.names import HISTORY, RUN_FILES
from seedbed.study.store.record import history_lines
from seedbed.study.store.run import DamagedRunError, RunStore, StoredRun
from seedbed.study.store.study import StudyStore

MAX_DIFFERENCES: Final = 3
MAX_VALUE: Final = 60
"""Maximum characters of a setting in a message."""


@dataclass(frozen=True)
class Merged:
    """What a merge has put together."""

    folder: Path
    planned: int
    """Runs of the merged study."""
    taken: Mapping[Path, int]
    """Folder -> runs that were taken from it."""
    repeated: int
    """Runs that several folders have, with the same results."""
    unlisted: int
    """Runs in the folders that their study.toml does not list; left out."""
    replaced: tuple[str, ...]
    """A line for each damaged run that another folder has intact."""
    damaged: tuple[str, ...]
    """A line for each damaged run that is left out."""

    def __str__(self) -> str:
        runs = sum(self.taken.values())
        parts = ", ".join(f"{count} from {folder}" for folder, count in self.taken.items())
        lines = [f"{self.folder}/ has {runs} of {_runs(self.planned)}: {parts}"]
        if self.repeated:
            lines.append(f"{_runs(self.repeated)} in several folders, with the same results")
        if self.unlisted:
            lines.append(f"{_runs(self.unlisted)} left out: study.toml does not list them")
        lines += [f"damaged, taken from another folder: {line}" for line in self.replaced]
        lines += [f"damaged, left out: {line}" for line in self.damaged]
        return "\n".join(lines)


@dataclass(frozen=True)
class _Found:
    """A run that has ended, in one of the folders."""

    source: Path
    store: RunStore
    finished: datetime | None
    files: Mapping[str, str]
    results: Mapping[str, str]
    """What must agree with the same run elsewhere -> a hash or a value of it."""
    engine: str


def merge(folders: Sequence[str | Path], out: str | Path) -> Merged:
    """Write a study with all runs of several studies that differ in nothing but seeds.

    A run that has not ended is left out; so is a damaged one, which is named. The merged study has
    the seeds of all.

    Args:
        folders: Two studies or more.
        out: The new folder; it must not exist, or be empty.

    Raises:
        StoreError: If a folder has no study, studies or runs contradict each other, claims were not
            declared or have been changed, or something cannot be read or written.
        StudyError: If there is nothing to merge, or the seeds cannot be put together.
    """
    return _merge([path_of("folders", folder) for folder in folders], path_of("out", out))


def _merge(folders: Sequence[Path], out: Path) -> Merged:
    _check_folders(folders, out)
    stores = [StudyStore(folder) for folder in folders]
    specs = [_read_spec(store) for store in stores]
    for store, spec in zip(stores[1:], specs[1:], strict=True):
        _check_same(stores[0], specs[0], store, spec)
    spec = replace(specs[0], seeds=_united(specs, out))
    found: dict[str, _Found] = {}
    times: dict[Path, list[datetime]] = {folder: [] for folder in folders}
    repeated, broken, unlisted = set(), [], 0
    for store, own in zip(stores, specs, strict=True):
        planned = plan_runs(own)
        unlisted += len(set(store.run_ids()) - {run.id for run in planned})
        for run in planned:
            try:
                stored = store.load_run(run)
            except DamagedRunError as error:
                broken.append((run.id, f"{store.run(run.id).folder}: {error}"))
                continue
            if stored is None or stored.record.status == "running":
                continue
            each = _found(store, stored)
            if each.finished is not None:
                times[store.folder].append(each.finished)
            if run.id in found:
                _check_results(run.id, found[run.id], each)
                repeated.add(run.id)
            if run.id not in found or len(each.files) > len(found[run.id].files):  # not pruned
                found[run.id] = each
    looks = {look for store in stores for look in read_declarations(store.folder).looks}
    declared = Declarations(_declared(stores, spec, times), tuple(sorted(looks)))
    _write(out, spec, found, declared)
    taken = {folder: sum(each.source == folder for each in found.values()) for folder in folders}
    return Merged(
        out,
        len(spec.configurations) * len(spec.seeds),
        taken,
        len(repeated),
        unlisted,
        tuple(line for run_id, line in broken if run_id in found),
        tuple(line for run_id, line in broken if run_id not in found),
    )


def _check_folders(folders: Sequence[Path], out: Path) -> None:
    if len(folders) < 2:
        raise StudyError("there is one study to merge", where="merge", expected="two or more")
    resolved = [folder.resolve() for folder in folders]
    for place, folder in enumerate(resolved):
        if folder in resolved[:place]:
            raise StudyError("is named twice", where=str(folders[place]), expected="other folders")
    target = out.resolve()
    if any(target.is_relative_to(folder) for folder in resolved):
        raise StudyError(
            "is in a study that is merged", where=str(out), expected="a new folder elsewhere"
        )
    if os.path.lexists(out) and not (out.is_dir() and not any(out.iterdir())):
        raise StoreError("exists already", where=str(out), expected="a new folder for --out")


def _read_spec(store: StudyStore) -> StudySpec:
    spec = store.read_study()
    if not store.is_unchanged():
        raise StoreError(
            "was changed after it was written",
            where=str(store.study_file),
            hint="`seedbed run` with the same study and --out writes it again",
        )
    return spec


def _check_same(first: StudyStore, spec: StudySpec, store: StudyStore, other: StudySpec) -> None:
    """Raise :class:`StoreError` if studies differ in more than seeds and paths."""
    here, there = (flat(_comparable(each.to_dict())) for each in (spec, other))
    differing = [
        f"{key} = {_short(there.get(key))}, not {_short(here.get(key))}"
        for key in {**here, **there}
        if key not in here or key not in there or here[key] != there[key]
    ]
    if differing:
        more = len(differing) - MAX_DIFFERENCES
        text = "; ".join(differing[:MAX_DIFFERENCES]) + (f"; and {more} more" if more > 0 else "")
        raise StoreError(
            f"differs from {first.study_file}: {text}",
            where=str(store.study_file),
            expected="studies that differ in seeds only",
        )


def _comparable(value: Any) -> Any:
    """Return a table without seeds, and without paths, which differ between machines."""
    if isinstance(value, Mapping):
        return {
            key: _comparable(each) for key, each in value.items() if key not in ("seeds", "path")
        }
    return [_comparable(each) for each in value] if isinstance(value, list | tuple) else value


def _united(specs: Sequence[StudySpec], out: Path) -> tuple[Seeds, ...]:
    """Return the seeds of all studies, in increasing order unless all studies have the same."""
    if all(spec.seeds == specs[0].seeds for spec in specs):
        return specs[0].seeds
    united = {seeds for spec in specs for seeds in spec.seeds}
    ordered = tuple(sorted(united, key=lambda seeds: tuple(seeds.to_dict().values())))
    try:
        possible = set(read_seeds(written_seeds(ordered))) == united
    except ValueError:  # more than a study may have
        possible = False
    if not possible:
        raise StudyError(
            "the seeds of the studies together are no product of the seeds of each stream",
            where=str(out),
            expected="studies that vary the same streams, with all combinations between them",
        )
    return read_seeds(written_seeds(ordered))


def _found(store: StudyStore, stored: StoredRun) -> _Found:
    record = stored.record
    history = history_lines(replace(epoch, seconds=0.0) for epoch in stored.history)
    pruned = {name: file.sha256 for name, file in record.pruned.items()}
    hashes = pruned | record.files
    results = {name: digest for name, digest in hashes.items() if name != HISTORY}
    results[HISTORY] = hashlib.sha256(history).hexdigest()
    for name in ("status", "diverged_epoch", "selected_epoch", "splits", "noise"):
        results[name] = json.dumps(record.model_dump(mode="json")[name], sort_keys=True)
    engine = f"{record.engine.name}, {record.engine.instructions or record.engine.device}"
    run = store.run(record.id)
    return _Found(store.folder, run, record.finished, record.files, results, engine)


def _check_results(run_id: str, one: _Found, other: _Found) -> None:
    names = {**one.results, **other.results}
    differing = [name for name in names if one.results.get(name) != other.results.get(name)]
    if differing:
        engines = f"; trained by {one.engine}, and by {other.engine}"
        raise StoreError(
            f"run {run_id} has other results than in {one.source}: {', '.join(differing)}"
            f"{engines if one.engine != other.engine else ''}",
            where=str(other.source),
            expected="the same results of the same run",
            hint="check both with `seedbed verify --deep`, and move one of them out of its study",
        )


def _declared(
    stores: Sequence[StudyStore], spec: StudySpec, times: Mapping[Path, Sequence[datetime]]
) -> tuple[Declared, ...]:
    """Return the earliest declaration of each claim, with the runs that had ended by then.

    Those of the other folders count by the time when they ended.
    """
    earliest: dict[str, tuple[Path, Declared]] = {}
    for store in stores:
        declared = read_declarations(store.folder).claims
        missing = {claim.digest: claim.claim for claim in spec.claims}
        for each in declared:
            missing.pop(each.digest, None)
            known = earliest.get(each.digest)
            if known is None or _time(each) < _time(known[1]):
                earliest[each.digest] = (store.folder, each)
        if missing:
            raise StoreError(
                f"the claim {next(iter(missing.values()))!r} is in study.toml, and not in "
                "claims.json",
                where=str(store.folder),
                expected="claims that all studies have declared",
            )
    return tuple(
        replace(
            each,
            ended=each.ended
            + sum(
                time < _time(each)
                for folder, finished in times.items()
                if folder != source
                for time in finished
            ),
        )
        for source, each in sorted(earliest.values(), key=lambda item: _time(item[1]))
    )


def _time(declared: Declared) -> datetime:
    return datetime.fromisoformat(declared.declared)


def _write(out: Path, spec: StudySpec, found: Mapping[str, _Found], declared: Declarations) -> None:
    partial = out.with_name(f"{out.name}.{secrets.token_hex(4)}.partial")
    try:
        partial.mkdir(parents=True)
        try:
            store = StudyStore(partial)
            store.write_study(spec)
            if declared != Declarations():
                write_declarations(partial, declared)
            for run_id, each in found.items():
                store.run(run_id).folder.mkdir(parents=True)
                for name, contents in _contents(each):
                    write_atomically(store.run(run_id).folder / name, contents)
            if out.is_dir():
                out.rmdir()
            partial.rename(out)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
    except OSError as error:
        raise cannot_write(out, error) from error


def _contents(found: _Found) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a run, each checked: also the answers of its weights."""
    folder, record = found.store.folder, found.store.record_file.name
    for name, digest in {**found.files, record: ""}.items():
        try:
            contents = (folder / name).read_bytes()
        except OSError as error:
            where = str(folder / name)
            raise StoreError(f"cannot read it: {error.strerror}", where=where) from error
        if not (sha256(contents) == digest if digest else is_sealed(contents)):
            raise StoreError("changed while it was merged", where=str(folder / name))
        yield name, contents
    for file in sorted(folder.iterdir()):
        of_weights = file.is_file() and not file.name.startswith(RUN_FILES)
        if of_weights and (answers := found.store.read_answers(file.name)):
            yield file.name, answers


def _short(value: object) -> str:
    text = "not set" if value is None else str(value)
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}..."


def _runs(count: int) -> str:
    return f"{count} run{'' if count == 1 else 's'}"
