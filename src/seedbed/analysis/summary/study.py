"""The summary of a stored study: an entry for each configuration.

It has every number that a table or a page shows. Fractions are from 0 to 1; what is not defined,
such as the standard deviation of a single run, is ``None``.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

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
)
from seedbed.analysis.material import Material
from seedbed.analysis.predictions import Predictions, check_same_images
from seedbed.analysis.registry import make_entry, relate_all
from seedbed.analysis.summary.self_check import check_recorded, check_scores
from seedbed.analysis.summary_file import FORMAT, fingerprint, write_summary
from seedbed.core.errors import DataError, StudyInUse
from seedbed.data.readers.contents import located
from seedbed.study.results import ConfigurationResults, StudyResults, read_results
from seedbed.study.store.record import DatasetRecord
from seedbed.study.store.run import PREDICTIONS, StoredRun
from seedbed.study.store.study import StudyStore


def refresh_summary(folder: Path) -> list[Entry]:
    """Make the summary of a study and store it beside its runs.

    It is not stored if the folder is read-only, or if another process holds the study: that process
    will store one.

    Raises:
        StoreError: If there is no study, no run of it has ended, or the disk is full.
        DataError: If the predictions of a run cannot belong to their labels.

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

    Args:
        results: What is stored of the study.
        store: Where its predictions are.
        source_hash: Of what is stored; see :func:`seedbed.analysis.summary_file.fingerprint`.

    Raises:
        DataError: If the predictions of a run cannot belong to their labels.

    """
    study = StudyHeader(
        results.name,
        results.other_runs,
        tuple(results.damaged),
        results.compare,
        tuple(_claims(results)),
    )
    datasets = {
        each.configuration.fingerprint: each.ended[0].record.dataset
        for each in results.configurations
        if each.ended
    }
    return relate_all(
        [
            _entry(each, store, study, source_hash, datasets.get(each.configuration.fingerprint))
            for each in results.configurations
        ]
    )


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
) -> Entry:
    configuration = results.configuration
    runs = results.finished
    record = results.ended[0].record if results.ended else None
    names = [str(store.run(run.record.id).folder) for run in runs]
    predictions = _predictions(runs, names, store)
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
        test_fingerprint=configuration.fingerprint,
        test_images=runs[0].record.dataset.test_images if runs else None,
        class_names=runs[0].record.class_names if runs else None,
        n=len(runs),
        seeds=tuple(run.record.seed for run in runs),
        diverged=tuple(map(_diverged, results.diverged)),
        unfinished=tuple(results.unfinished_seeds),
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
    return DivergedRun(run.record.seed, epoch)


def _predictions(
    runs: Sequence[StoredRun], names: Sequence[str], store: StudyStore
) -> list[Predictions]:
    """Return the test predictions of all runs; none where a run has not kept them."""
    if not all(PREDICTIONS in run.record.files for run in runs):
        return []
    predictions = []
    with _to_be_moved_away():
        for run, name in zip(runs, names, strict=True):
            with located(name):
                logits, labels = store.run(run.record.id).predictions()
                read = Predictions(logits, labels, run.record.class_names)
            check_recorded(read, run.kept.test_accuracy or 0.0, where=name)
            predictions.append(read)
        if predictions:
            check_same_images(predictions, names)
        for name, read in zip(names, predictions, strict=True):
            check_scores(read, where=name)
    return predictions


@contextmanager
def _to_be_moved_away() -> Iterator[None]:
    """Add to an error what to do about a stored run that contradicts itself."""
    try:
        yield
    except DataError as error:
        hint = "until this folder is moved away, there are no tables of its study; then `seedbed "
        hint += "run` trains the run again"
        raise DataError(
            error.what,
            where=error.where,
            expected=error.expected,
            hint=f"{error.hint}; {hint}" if error.hint else hint,
        ) from error


def _provenance(results: ConfigurationResults) -> Provenance | None:
    """Return where the runs come from: images, machine, versions, times."""
    records = [run.record for run in results.ended]
    if not records:
        return None
    first = records[0]
    return Provenance(
        dataset=DatasetProvenance(**first.dataset.model_dump()),
        learned_images=first.splits["train"].images if first.splits else None,
        validation_size=first.splits["validation"].images if "validation" in first.splits else 0,
        engine=EngineProvenance(**first.engine.model_dump()),
        machine=MachineProvenance(**first.machine.model_dump()),
        machines=len({record.machine for record in records}),
        versions=first.versions,
        started=min(record.started for record in records).isoformat(),
        finished=max(record.finished or record.started for record in records).isoformat(),
    )
