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

from seedbed.analysis.captions import MOST_LISTED
from seedbed.analysis.entry import (
    DatasetProvenance,
    DeclaredClaim,
    DivergedRun,
    EngineProvenance,
    Entry,
    Header,
    MachineProvenance,
    Provenance,
    StudyHeader,
    fields_of,
)
from seedbed.analysis.material import Material
from seedbed.analysis.registry import make_entry, relate_all
from seedbed.analysis.summary.stored_predictions import damaged_answers, read_predictions
from seedbed.analysis.summary_file import (
    FORMAT,
    fingerprint,
    run_digest,
    stored_summary,
    write_summary,
)
from seedbed.core.errors import StoreError, StudyInUse
from seedbed.study.results import (
    ConfigurationResults,
    StoredConfigurations,
    StudyResults,
    read_results,
)
from seedbed.study.spec.configuration import Configuration
from seedbed.study.store.index import StudyIndex
from seedbed.study.store.run import StoredRun
from seedbed.study.store.study import StudyStore


def refresh_summary(folder: Path) -> list[Entry]:
    """Make the summary of a study and store it beside its runs.

    It is not stored if the folder is read-only, or if another process holds the study: that process
    will store one.

    Raises:
        StoreError: If there is no study, no run of it can be used, or the disk is full.

    """
    store = StudyStore(folder)
    source_hash = fingerprint(folder) if store.study_file.exists() else None
    entries = summarize_study(read_results(store), store, source_hash, known_lines(folder))
    if os.access(folder, os.W_OK):
        with suppress(StudyInUse), store.lock():
            write_summary(folder, entries)
    return entries


def known_lines(folder: Path) -> dict[str, Entry]:
    """Return the entries of the summary in a folder by what they were made from.

    Those of configurations whose runs have not changed since are still true.
    """
    stored = stored_summary(folder)
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

    Raises:
        StoreError: If runs have ended, and none can be used.

    """
    study = _study_header(results)
    index, configurations = StudyIndex(store.folder), results.configurations
    entries: list[Entry] = []
    left_out: list[str] = []
    had_ended = False
    for place, configuration in enumerate(configurations.known):
        runs_hash = runs_hash_of(index, store, configuration, configurations)
        entry = (known or {}).get(runs_hash)
        if entry is None:
            each = configurations[place]
            for run in each.ended:
                index.note(run.record.id)
            had_ended = had_ended or bool(each.ended)
            predictions, lines = read_predictions(each, store)
            lines += damaged_answers(each, store)
            left_out += lines
            is_whole = not lines and not _are_damaged(results, configurations, configuration)
            header = _header(each, study, source_hash, runs_hash if is_whole else None)
            names = [str(store.run(run.record.id).folder) for run in each.finished]
            entry = make_entry(header, Material(predictions, names, each, store))
        entries.append(entry)
    index.write()
    damaged = [*results.damaged, *left_out]
    if had_ended and not any(_has_ended(entry) for entry in entries):
        raise StoreError(f"no run can be used: {'; '.join(damaged)}", where=str(store.folder))
    shared = {
        "format": FORMAT,
        "source_hash": source_hash,
        "study": fields_of(msgspec.structs.replace(study, damaged=_shortened(damaged))),
    }
    return relate_all(_with_datasets([entry.sharing(shared) for entry in entries]))


def _study_header(results: StudyResults) -> StudyHeader:
    return StudyHeader(
        results.name,
        results.other_runs,
        (),
        results.compare,
        None if results.margin is None else results.margin / 100,
        tuple(_claims(results)),
        results.baseline,
        results.looks,
    )


def runs_hash_of(
    index: StudyIndex,
    store: StudyStore,
    configuration: Configuration,
    configurations: StoredConfigurations,
) -> str:
    """Return a hash of everything that an entry is made from."""
    runs = configurations.runs(configuration)
    stored = [run_digest(index, store.folder, run.id) if run.id in index else "" for run in runs]
    seeds = [run.seeds.key for run in runs]
    own = [configuration.id, configuration.label, configuration.variant, configuration.settings]
    text = json.dumps([FORMAT, *own, seeds, list(configurations.varied), stored], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _are_damaged(
    results: StudyResults, configurations: StoredConfigurations, configuration: Configuration
) -> bool:
    return any(run.id in results.damaged_runs for run in configurations.runs(configuration))


def _has_ended(entry: Entry) -> bool:
    return bool(entry.header.n or entry.header.diverged)


def _shortened(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the first lines, and how many more there are: they stand beside every table."""
    more = len(lines) - MOST_LISTED
    return (*lines[:MOST_LISTED], *([f"and {more} more"] if more > 0 else []))


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


def _header(
    results: ConfigurationResults,
    study: StudyHeader,
    source_hash: str | None,
    runs_hash: str | None,
) -> Header:
    configuration = results.configuration
    runs = results.finished
    record = results.ended[0].record if results.ended else None
    dataset = record.dataset if record else None
    return Header(
        format=FORMAT,
        source_hash=source_hash,
        study=study,
        id=configuration.id,
        label=configuration.label,
        variant=configuration.variant,
        configuration=record.configuration
        if record
        else {**configuration.tables, "dataset": {"fingerprint": configuration.fingerprint}},
        settings=configuration.settings,
        network=configuration.network["name"],
        dataset=dataset.title if dataset else configuration.dataset.title,
        modified=dataset.modified if dataset else None,
        test_fingerprint=dataset.test_fingerprint if dataset else configuration.fingerprint,
        test_images=runs[0].record.dataset.test_images if runs else None,
        class_names=runs[0].record.class_names if runs else None,
        n=len(runs),
        seeds=tuple(run.record.seed for run in runs),
        diverged=tuple(map(_diverged, results.diverged)),
        unfinished=tuple(results.unfinished_seeds),
        varied=results.varied,
        checkpoint=configuration.recipe.checkpoint,
        epochs=configuration.recipe.epochs,
        selected_epochs=tuple(run.kept.epoch for run in runs),
        warnings=(),
        provenance=_provenance(results),
        runs_hash=runs_hash,
    )


def _diverged(run: StoredRun) -> DivergedRun:
    epoch = run.record.diverged_epoch
    assert epoch is not None
    return DivergedRun(run.record.seed, epoch, run.record.diverged_reason)


def _provenance(results: ConfigurationResults) -> Provenance | None:
    """Return where the runs come from: images, machine, versions, times."""
    records = [run.record for run in results.ended]
    if not records:
        return None
    first = records[0]
    return Provenance(
        dataset=msgspec.convert(first.dataset.model_dump(), DatasetProvenance),
        learned_images=first.splits["train"].images if first.splits else None,
        validation_size=first.splits["validation"].images if "validation" in first.splits else 0,
        engine=EngineProvenance(**first.engine.model_dump()),
        machine=MachineProvenance(**first.machine.model_dump(exclude={"host"})),
        machines=len({record.machine for record in records}),
        versions=first.versions,
        started=min(record.started for record in records).isoformat(),
        finished=max(record.finished or record.started for record in records).isoformat(),
    )
