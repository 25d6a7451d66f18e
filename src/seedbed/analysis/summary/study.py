"""The summary of a stored study: an entry for each configuration.

It has every number that a table or a page shows. Fractions are from 0 to 1; what is not defined,
such as the standard deviation of a single run, is ``None``.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from seedbed.analysis.entry import (
    DeclaredClaim,
    Entry,
    StudyHeader,
    sharing,
)
from seedbed.analysis.registry import relate_all
from seedbed.analysis.summary.changed import summarize_changed
from seedbed.analysis.summary.made import digest_of_runs, made_entry, shared_fields
from seedbed.analysis.summary_file import (
    FORMAT,
    StoredSummary,
    SummaryState,
    study_hash,
    summary_state,
    write_summary,
)
from seedbed.core.errors import StoreError, StudyInUse
from seedbed.study.results import (
    StoredConfigurations,
    StudyResults,
    read_results,
)
from seedbed.study.spec.configuration import Configuration
from seedbed.study.store.index import StudyIndex
from seedbed.study.store.study import StudyStore


def refresh_summary(folder: Path, state: SummaryState | None = None) -> list[Entry]:
    """Make the summary of a study and store it beside its runs.

    It is not stored if the folder is read-only, or if another process holds the study: that process
    will store one.

    Args:
        folder: Of the study.
        state: Of the summary in it, if it is known.

    Raises:
        StoreError: If there is no study, no run of it can be used, or the disk is full.

    """
    store = StudyStore(folder)
    if state is None and store.study_file.exists():
        state = summary_state(folder)
    entries = summarize_changed(store, state) if state else None
    if entries is None:
        source_hash = state.source_hash if state else None
        known = known_lines(state.stored) if state else None
        index = state.index if state else None
        entries = summarize_study(read_results(store), store, source_hash, known, index)
    if os.access(folder, os.W_OK):
        with suppress(StudyInUse), store.lock():
            write_summary(folder, entries)
    return entries


def known_lines(stored: StoredSummary) -> dict[str, Entry]:
    """Return the entries of a stored summary by what they were made from.

    Those of configurations whose runs have not changed since are still true.
    """
    if not stored.is_usable:
        return {}
    made = [(entry.view(_MadeFrom), entry) for entry in stored.entries]
    return {of.runs_hash: entry for of, entry in made if of is not None}


class _MadeFrom(msgspec.Struct):
    runs_hash: str


def summarize_study(
    results: StudyResults,
    store: StudyStore,
    source_hash: str | None = None,
    known: Mapping[str, Entry] | None = None,
    index: StudyIndex | None = None,
) -> list[Entry]:
    """Return an entry for each configuration, in the order of the study.

    A run whose predictions cannot belong to their labels, or are not of the same images as those of
    the other runs of its configuration, is left out and named. The memory is that of the entries,
    and of the runs of one configuration.

    Args:
        results: What is stored of the study. Runs that are left out become unfinished.
        store: Where its predictions are.
        source_hash: Of what is stored; see :func:`seedbed.analysis.summary_file.fingerprint`.
        known: Entries that were made before, by their ``runs_hash``. Those of configurations that
            have not changed are taken as they are, and their runs are not read.
        index: Of the runs, if it is known.

    Raises:
        StoreError: If runs have ended, and none can be used.

    """
    study = _study_header(results, study_hash(store.folder) if source_hash else None)
    index, configurations = index or StudyIndex(store.folder), results.configurations
    entries: list[Entry] = []
    left_out: list[str] = []
    had_ended = False
    for place, configuration in enumerate(configurations.known):
        runs_hash = runs_hash_of(index, store, configuration, configurations)
        entry = (known or {}).get(runs_hash)
        if entry is None:
            made = made_entry(configurations, place, store, index, study, source_hash, runs_hash)
            entry, had_ended = made.entry, had_ended or made.had_ended
            left_out += made.left_out
        entries.append(entry)
    index.write()
    damaged = [*results.damaged, *left_out]
    if had_ended and not any(_has_ended(entry) for entry in entries):
        raise StoreError(f"no run can be used: {'; '.join(damaged)}", where=str(store.folder))
    shared = shared_fields(study, source_hash, damaged)
    return relate_all(_with_datasets(sharing(entries, shared)))


def _study_header(results: StudyResults, of_study: str | None) -> StudyHeader:
    return StudyHeader(
        results.name,
        results.other_runs,
        (),
        results.compare,
        None if results.margin is None else results.margin / 100,
        tuple(_claims(results)),
        results.baseline,
        results.looks,
        of_study,
    )


def runs_hash_of(
    index: StudyIndex,
    store: StudyStore,
    configuration: Configuration,
    configurations: StoredConfigurations,
) -> str:
    """Return :attr:`Header.runs_hash`: of everything that an entry is made from."""
    runs = configurations.runs(configuration)
    seeds = [run.seeds.key for run in runs]
    own = [configuration.id, configuration.label, configuration.variant, configuration.settings]
    text = json.dumps([FORMAT, *own, seeds, list(configurations.varied)], sort_keys=True)
    of_runs = digest_of_runs(index, store.folder, [run.id for run in runs])
    return f"{hashlib.sha256(text.encode()).hexdigest()}-{of_runs}"


def _has_ended(entry: Entry) -> bool:
    return bool(entry.header.n or entry.header.diverged)


def _with_datasets(entries: Sequence[Entry]) -> list[Entry]:
    """Return entries with the titles of their datasets, where only runs of others know them."""
    lacking = [entry.line is None and not entry.header.provenance for entry in entries]
    if not any(lacking):
        return list(entries)
    headers = [entry.header for entry, lacks in zip(entries, lacking, strict=True) if not lacks]
    known = {
        of.provenance.dataset.fingerprint: {
            "dataset": of.dataset,
            "modified": of.modified,
            "test_fingerprint": of.test_fingerprint,
        }
        for of in headers
        if of.provenance
    }
    # Until then, an entry without runs has the fingerprint of the whole dataset.
    return [
        entry.replace(**known.get(entry.header.test_fingerprint, {})) if lacks else entry
        for entry, lacks in zip(entries, lacking, strict=True)
    ]


def _claims(results: StudyResults) -> Iterator[DeclaredClaim]:
    for claim, declared in results.claims:
        stated = claim.model_dump()
        stated["by"] = claim.by / 100
        stated["within"] = None if claim.within is None else claim.within / 100
        if declared is not None:
            stated |= {"ended": declared.ended, "seeds": declared.seeds}
        yield DeclaredClaim(**stated)
