"""Checks every file of a study, and recomputes its summary from the stored logits."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from seedbed.analysis.registry import inquiries
from seedbed.analysis.summary.study import summarize_study
from seedbed.analysis.summary_file import fingerprint, stored_summary
from seedbed.analysis.verify.finding import Finding
from seedbed.analysis.verify.run import ROUNDING, check_run
from seedbed.core.errors import SeedbedError, StoreError
from seedbed.display.sentence import counted, enumerated
from seedbed.study.plan import PlannedRun, plan_runs
from seedbed.study.results import read_results
from seedbed.study.store.claims import read_declarations
from seedbed.study.store.names import CLAIMS, SUMMARY
from seedbed.study.store.run import DamagedRunError, StoredRun
from seedbed.study.store.study import StudyStore

MAX_FIELDS: Final = 5
"""Fields of a summary that a line names."""


def check_files(store: StudyStore) -> Iterator[Finding]:
    """Check the files of a study, one after the other; neither images nor an engine are needed.

    Raises:
        StoreError: If there is no study in the folder.
    """
    planned: list[PlannedRun] = []
    ids: set[str] = set()
    name = store.study_file.name
    try:
        planned = plan_runs(store.read_study())
        ids = {run.id for run in planned}
    except SeedbedError as error:
        if not store.runs_folder.is_dir():
            raise
        yield Finding(name, str(error), "doubt")
        planned = []
    else:
        changed = [] if store.is_unchanged() else ["was changed after it was written"]
        count = len(planned)
        yield Finding.of(name, changed, f"a study of {count} run{'' if count == 1 else 's'}")
    if planned and os.path.lexists(store.folder / CLAIMS):
        yield _claims(store)
    for run in planned:
        yield from _run(store, run)
    yield from _others(store, ids)
    yield _summary(store)


def _claims(store: StudyStore) -> Finding:
    try:
        known = read_declarations(store.folder)
    except StoreError as error:
        return Finding(CLAIMS, error.what, "doubt")
    contents = counted(len(known.claims), "declared claim")
    if known.looks:
        contents += f"; seeds were added after {enumerated([*map(str, known.looks)])}"
    return Finding(CLAIMS, contents)


def _run(store: StudyStore, planned: PlannedRun) -> Iterator[Finding]:
    name = f"runs/{planned.id}"
    try:
        stored = store.load_run(planned)
    except (DamagedRunError, StoreError) as error:
        yield Finding(name, str(error), "doubt")
        return
    if stored is None:
        yield Finding(name, "has not been trained", "open")
    elif stored.record.status == "running":
        yield Finding(name, "has not ended", "open")
    else:
        doubts = check_run(planned, stored, store.run(planned.id))
        yield Finding.of(name, doubts, _outcome(stored))
        yield from _answers(store, stored)


def _outcome(stored: StoredRun) -> str:
    files = f"{len(stored.record.files) + 1} files"
    if stored.record.pruned:
        files += " (weights pruned)"
    if stored.record.status == "diverged":
        return f"{files}, diverged in epoch {stored.record.diverged_epoch}"
    accuracy = stored.kept.test_accuracy
    return files if accuracy is None else f"{files}, test accuracy {accuracy:.2%}"


def _answers(store: StudyStore, stored: StoredRun) -> Iterator[Finding]:
    """Check the answers of the weights; those of other weights are not shown anywhere."""
    run = store.run(stored.record.id)
    for inquiry in inquiries().values():
        file = run.folder / inquiry.file
        if stored.record.status != "finished" or not (file.exists() or file.is_symlink()):
            continue
        damage = run.damage_of_answers(inquiry.file)
        if not damage:
            answers = inquiry.read(run.read_answers(inquiry.file), stored.record.weights_sha256)
            if answers == inquiry.read(b"", stored.record.weights_sha256):
                damage = "holds no answers of the weights that are stored"
        doubts = [damage] if damage else []
        yield Finding.of(
            f"runs/{stored.record.id}/{inquiry.file}", doubts, "answers of the weights"
        )


def _others(store: StudyStore, planned: set[str]) -> Iterator[Finding]:
    """Check what else is in the folder of the runs."""
    try:
        folders = sorted(
            path
            for path in store.runs_folder.iterdir()
            if path.name not in planned and path.suffix != ".partial"
        )
    except FileNotFoundError:
        return
    except OSError as error:
        yield Finding("runs", f"cannot be read: {error.strerror}", "doubt")
        return
    for folder in folders:
        name = f"runs/{folder.name}"
        if ".damaged-" in folder.name:
            yield Finding(name, "was damaged and set aside; not part of the results", "open")
            continue
        try:
            stored = store.run(folder.name).load()
        except (DamagedRunError, StoreError) as error:
            yield Finding(name, f"study.toml does not list it; {error}", "open")
        else:
            what = "a run" if stored is not None else "not a run"
            yield Finding(name, f"{what} that study.toml does not list", "open")


def _summary(store: StudyStore) -> Finding:
    """Compare the summary with one that is made anew from the logits."""
    try:
        stored = stored_summary(store.folder)
        if stored.damage and not stored.entries:
            return Finding(SUMMARY, stored.damage, "doubt")
        if not stored.entries:
            return Finding(SUMMARY, "there is none yet", "open")
        if not stored.damage and not stored.is_usable:
            return Finding(SUMMARY, "another version of Seedbed wrote it", "open")
        known = fingerprint(store.folder)
        entries = summarize_study(read_results(store), store, known)
    except (SeedbedError, OSError) as error:
        return Finding(SUMMARY, f"cannot be recomputed: {error}", "doubt")
    differences = [
        f"{computed.header.label}: {difference}"
        for written, computed in zip(stored.entries, entries, strict=False)
        for difference in _differences(written, computed)
    ]
    if len(stored.entries) != len(entries):
        differences.insert(0, f"has {len(stored.entries)} entries, recomputed {len(entries)}")
    doubts = differences[:MAX_FIELDS]
    if len(differences) > MAX_FIELDS:
        doubts.append(f"and {len(differences) - MAX_FIELDS} more fields differ")
    if stored.damage:
        doubts.insert(0, stored.damage)
    elif stored.source_hash != known:
        doubts.insert(0, "is not of the files in the folder (`seedbed table` makes it again)")
    count = len(entries)
    of = f"{count} configuration{'' if count == 1 else 's'}"
    return Finding.of(SUMMARY, doubts, f"{of}, recomputed from the logits: every field agrees")


def _differences(stored: Any, computed: Any, name: str = "") -> Iterator[str]:
    """Yield a text for each field that differs, with both values."""
    if isinstance(stored, Mapping) and isinstance(computed, Mapping):
        for key in {**stored, **computed}:
            if key != "source_hash":
                inner = f"{name}.{key}" if name else str(key)
                yield from _differences(stored.get(key), computed.get(key), inner)
    elif _is_list(stored) and _is_list(computed) and len(stored) == len(computed):
        for number, pair in enumerate(zip(stored, computed, strict=True)):
            yield from _differences(*pair, f"{name}[{number}]")
    elif not _equal(stored, computed):
        yield f"{name} is {_short(stored)}, recomputed {_short(computed)}"


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _equal(stored: Any, computed: Any) -> bool:
    if isinstance(stored, float) and isinstance(computed, float):
        return abs(stored - computed) <= ROUNDING * max(1.0, abs(stored), abs(computed))
    return bool(stored == computed)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
