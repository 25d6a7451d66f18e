"""The summary of a stored study: an entry for each configuration.

It has every number that a table or a page shows. Fractions are from 0 to 1; what is not defined,
such as the standard deviation of a single run, is ``None``.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

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
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.registry import make_entry, relate_all
from seedbed.analysis.summary.stored_predictions import damaged_answers, read_predictions
from seedbed.analysis.summary_file import FORMAT, fingerprint, write_summary
from seedbed.core.errors import StoreError, StudyInUse
from seedbed.study.results import ConfigurationResults, StudyResults, read_results
from seedbed.study.store.record import DatasetRecord
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
    entries = summarize_study(read_results(store), store, source_hash)
    if os.access(folder, os.W_OK):
        with suppress(StudyInUse), store.lock():
            write_summary(folder, entries)
    return entries


def summarize_study(
    results: StudyResults, store: StudyStore, source_hash: str | None = None
) -> list[Entry]:
    """Return an entry for each configuration, in the order of the study.

    A run whose predictions cannot belong to their labels, or are not of the same images as those of
    the other runs of its configuration, is left out and named.

    Args:
        results: What is stored of the study. Runs that are left out become unfinished.
        store: Where its predictions are.
        source_hash: Of what is stored; see :func:`seedbed.analysis.summary_file.fingerprint`.

    Raises:
        StoreError: If runs have ended, and none can be used.

    """
    study = StudyHeader(
        results.name,
        results.other_runs,
        (),
        results.compare,
        None if results.margin is None else results.margin / 100,
        tuple(_claims(results)),
    )
    datasets = {
        each.configuration.fingerprint: each.ended[0].record.dataset
        for each in results.configurations
        if each.ended
    }
    had_ended = any(each.ended for each in results.configurations)
    damaged = list(results.damaged)
    entries = []
    for each in results.configurations:
        predictions, left_out = read_predictions(each, store)
        damaged += left_out + damaged_answers(each, store)
        dataset = datasets.get(each.configuration.fingerprint)
        entries.append(_entry(each, store, study, source_hash, dataset, predictions))
    if had_ended and not any(each.ended for each in results.configurations):
        raise StoreError(f"no run can be used: {'; '.join(damaged)}", where=str(store.folder))
    header = fields_of(msgspec.structs.replace(study, damaged=tuple(damaged)))
    return relate_all([entry.replace(study=header) for entry in entries])


def _claims(results: StudyResults) -> Iterator[DeclaredClaim]:
    for claim, declared in results.claims:
        stated = claim.model_dump()
        stated["by"] = claim.by / 100
        stated["within"] = None if claim.within is None else claim.within / 100
        if declared is not None:
            stated |= {"ended": declared.ended, "seeds": declared.seeds}
        yield DeclaredClaim(**stated)


def _entry(
    results: ConfigurationResults,
    store: StudyStore,
    study: StudyHeader,
    source_hash: str | None,
    dataset: DatasetRecord | None,
    predictions: Sequence[Predictions],
) -> Entry:
    configuration = results.configuration
    runs = results.finished
    record = results.ended[0].record if results.ended else None
    names = [str(store.run(run.record.id).folder) for run in runs]
    header = Header(
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
        dataset=dataset.title if dataset else "unknown dataset",
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
    )
    return make_entry(header, Material(predictions, names, results, store))


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
