"""The entry of one configuration of a stored study, from its runs."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from seedbed.analysis.captions import MOST_LISTED
from seedbed.analysis.entry import (
    DatasetProvenance,
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
from seedbed.analysis.registry import make_entry
from seedbed.analysis.summary.stored_predictions import damaged_answers, read_predictions
from seedbed.analysis.summary_file import FORMAT, run_digest
from seedbed.study.results import ConfigurationResults, StoredConfigurations
from seedbed.study.store.index import StudyIndex
from seedbed.study.store.run import StoredRun
from seedbed.study.store.study import StudyStore


def shared_fields(
    study: StudyHeader, source_hash: str | None, damaged: Sequence[str]
) -> dict[str, Any]:
    """Return the fields that all entries of a study have, with a line for each damaged run."""
    study = msgspec.structs.replace(study, damaged=_shortened(damaged))
    return {"format": FORMAT, "source_hash": source_hash, "study": fields_of(study)}


class MadeEntry(NamedTuple):
    """The entry of a configuration whose runs have been read; nothing relates it to others yet."""

    entry: Entry
    had_ended: bool
    """Whether a run had ended, whether or not it can be used."""
    left_out: list[str]
    """A line for each run that cannot be used."""


def made_entry(
    configurations: StoredConfigurations,
    place: int,
    store: StudyStore,
    index: StudyIndex,
    study: StudyHeader,
    source_hash: str | None,
    runs_hash: str,
) -> MadeEntry:
    """Read the runs of a configuration, and return its entry.

    Args:
        configurations: Of the study, all or some.
        place: Of the configuration among these.
        store: Where the predictions are.
        index: Told which runs have ended.
        study: Of which study the entry is.
        source_hash: Of what is stored.
        runs_hash: Of what the entry is made from.
    """
    of = configurations[place]
    for run in of.ended:
        index.note(run.record.id)
    had_ended = bool(of.ended)
    predictions, lines = read_predictions(of, store)
    lines += damaged_answers(of, store)
    is_whole = not lines and not configurations.damaged_in(of.configuration)
    header = _header(of, study, source_hash, runs_hash if is_whole else None)
    names = [str(store.run(run.record.id).folder) for run in of.finished]
    return MadeEntry(make_entry(header, Material(predictions, names, of, store)), had_ended, lines)


def digest_of_runs(index: StudyIndex, folder: Path, run_ids: Sequence[str]) -> str:
    """Return a hash of what an entry depends on of its runs, which need not be there."""
    stored = (run_digest(index, folder, name) if name in index else "" for name in run_ids)
    return hashlib.sha256("\n".join(stored).encode()).hexdigest()


def _shortened(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the first lines, and how many more there are: they stand beside every table."""
    more = len(lines) - MOST_LISTED
    return (*lines[:MOST_LISTED], *([f"and {more} more"] if more > 0 else []))


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
