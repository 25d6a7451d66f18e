"""A stored study to its summary: the list that ``summary.json`` holds, an object a configuration.

Every number that a table or a page shows is in there. Fractions are from 0 to 1; what is not
defined, such as the spread of a single run, is ``None``.
"""

import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from seedbed.analysis.aggregate import Accuracies, Spread
from seedbed.analysis.entry import Entry
from seedbed.analysis.material import Material
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.registry import compute_all
from seedbed.analysis.summary_file import FORMAT, fingerprint, write_summary
from seedbed.core.errors import DataError, StudyInUse
from seedbed.data.readers.contents import located
from seedbed.evaluation.accuracy import accuracy_interval
from seedbed.evaluation.comparisons import with_comparisons
from seedbed.evaluation.robustness import robustness
from seedbed.evaluation.run_features import summarize_features
from seedbed.evaluation.self_check import check_recorded
from seedbed.evaluation.summary import summarize
from seedbed.study.results import ConfigurationResults, StudyResults, read_results
from seedbed.study.store.run import PREDICTIONS, StoredRun
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import EpochRecord

CURVES: Final = (
    "learning_rate",
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "test_loss",
    "test_accuracy",
    "clean_train_accuracy",
    "memorized",
    "recovered",
)
"""What :class:`~seedbed.training.engine.EpochRecord` says of every epoch and a page may show."""

NOT_EVALUATED: Final[dict[str, Any]] = dict.fromkeys(
    (
        "class_names",
        "test_images",
        "test_accuracy_interval",
        "confusion",
        "confusion_std",
        "confusion_counts",
        "top_pairs",
        "merged_pairs",
        "confused_images",
        "auc",
        "roc_curves",
        "calibration",
        "per_class",
        "hard_samples",
        "image_errors",
    )
)
"""What there is not without a run that has finished."""


def refresh_summary(folder: Path) -> list[Entry]:
    """Make the summary of a study and store it beside its runs.

    Where another process is at work, which will store one itself, or the folder is read-only, it is
    only returned.

    Raises:
        StoreError: If there is no study, no run of it has ended, or the disk is full.
        DataError: If the predictions of a run cannot belong to their labels.

    """
    store = StudyStore(folder)
    source_hash = fingerprint(folder) if store.study_file.exists() else None
    entries = summarize_study(read_results(store), store)
    for each in entries:
        each["source_hash"] = source_hash
    if os.access(folder, os.W_OK):
        with suppress(StudyInUse), store.lock():
            write_summary(folder, entries)
    return entries


def summarize_study(results: StudyResults, store: StudyStore) -> list[Entry]:
    """Return an entry for each configuration, in the order of the study.

    Args:
        results: What is stored of the study.
        store: Where its predictions are.

    Raises:
        DataError: If the predictions of a run cannot belong to their labels.

    """
    entries = []
    for configuration in results.configurations:
        entry = _entry(configuration, store)
        entry["study"] = {
            "name": results.name,
            "other_runs": results.other_runs,
            "damaged": results.damaged,
        }
        entries.append(entry)
    return with_comparisons(_named_alike(entries))


def _named_alike(entries: Sequence[Entry]) -> list[Entry]:
    """Call the dataset of configurations without a run as those with one call the same images."""
    known = {each["test_fingerprint"]: each for each in entries if each["provenance"]}
    of = [known.get(each["test_fingerprint"], each) for each in entries]
    return [
        each.replace(dataset=other["dataset"], modified=other["modified"])
        for each, other in zip(entries, of, strict=True)
    ]


def _entry(results: ConfigurationResults, store: StudyStore) -> Entry:
    configuration = results.configuration
    # Without test predictions, there is nothing to compare.
    runs = [run for run in results.finished if PREDICTIONS in run.record.files]
    record = results.ended[0].record if results.ended else None
    train = Accuracies.of(run.kept.train_accuracy for run in runs)
    test = Accuracies.of(run.kept.test_accuracy for run in runs)
    names = [str(store.run(run.record.id).folder) for run in runs]
    predictions = _predictions(runs, names, store)
    fields = {
        "format": FORMAT,
        "id": configuration.id,
        "label": configuration.label,
        "variant": configuration.variant,
        "configuration": record.configuration
        if record
        else {**configuration.tables, "dataset": {"fingerprint": configuration.fingerprint}},
        "settings": configuration.settings,
        "network": configuration.network["name"],
        "dataset": record.dataset.title if record else "unknown dataset",
        "modified": record.dataset.modified if record else None,
        "test_fingerprint": configuration.fingerprint,
        "n": len(runs),
        "seeds": [run.record.seed for run in runs],
        "diverged": [
            {"seed": run.record.seed, "epoch": run.record.diverged_epoch}
            for run in results.diverged
        ],
        "unfinished": results.unfinished_seeds,
        "checkpoint": configuration.recipe.checkpoint,
        "epochs": configuration.recipe.epochs,
        "selected_epochs": [run.kept.epoch for run in runs],
        "warnings": [],
        "train_accuracy": train.to_dict(),
        "train_accuracy_interval": _train_interval(train, runs),
        "test_accuracy": test.to_dict(),
        "curves": _curves(runs),
        **(_evaluated(predictions, names) if runs else NOT_EVALUATED),
        "checkpoints": _epoch_rules(runs),
        "noise": _noise(results),
        "cost": _cost(results, store),
        "robustness": robustness(
            [(run.record.seed, store.run(run.record.id).robustness(run.record)) for run in runs]
        ),
        "feature_space": summarize_features(
            [(run.record.seed, store.run(run.record.id).features(run.record)) for run in runs]
        ),
        "provenance": _origin(results),
    }
    compared = replace(results, finished=runs)
    return Entry(fields | compute_all(Material(predictions, names, compared, store)))


def _predictions(
    runs: Sequence[StoredRun], names: Sequence[str], store: StudyStore
) -> list[Predictions]:
    predictions = []
    with _to_be_moved_away():
        for run, name in zip(runs, names, strict=True):
            with located(name):
                logits, labels = store.run(run.record.id).predictions()
                read = Predictions(logits, labels, run.record.class_names)
            check_recorded(read, run.kept.test_accuracy or 0.0, where=name)
            predictions.append(read)
    return predictions


def _evaluated(predictions: Sequence[Predictions], names: Sequence[str]) -> dict[str, Any]:
    with _to_be_moved_away():
        return summarize(predictions, names=names).to_dict()


@contextmanager
def _to_be_moved_away() -> Iterator[None]:
    """Say what to do about a stored run that contradicts itself: without it, no table is made."""
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


def _train_interval(train: Accuracies, runs: Sequence[StoredRun]) -> dict[str, float] | None:
    if not runs:
        return None
    record = runs[0].record
    images = record.splits["train"].images
    if runs[0].kept.epoch < len(runs[0].history):  # all of them are measured after the last epoch
        images = min(images, record.dataset.test_images)
    interval = accuracy_interval(train, images)
    return interval.to_dict() if interval else None


def _curves(runs: Sequence[StoredRun]) -> dict[str, Any] | None:
    """Return what was measured after every epoch: a list for each run, in the order of the seeds.

    What is not finite, or does not apply, is ``None``; what applies to no run is not there.
    """
    if not runs:
        return None
    epochs = [epoch.epoch for epoch in runs[0].history if epoch.evaluated]
    curves: dict[str, Any] = {"epoch": epochs}
    for key in CURVES:
        values = [[getattr(each, key) for each in run.history if each.evaluated] for run in runs]
        if any(value is not None for line in values for value in line):
            curves[key] = [
                [value if value is not None and math.isfinite(value) else None for value in line]
                for line in values
            ]
    return curves


def _origin(results: ConfigurationResults) -> dict[str, Any] | None:
    """Return where the runs come from: images, machine, versions, times.

    Those of the first run; runs that were trained elsewhere are counted in ``machines``.
    """
    records = [run.record for run in results.ended]
    if not records:
        return None
    first = records[0]
    return {
        "dataset": first.dataset.model_dump(mode="json"),
        "learned_images": first.splits["train"].images if first.splits else None,
        "validation_size": first.splits["validation"].images if "validation" in first.splits else 0,
        "engine": first.engine.model_dump(mode="json"),
        "machine": first.machine.model_dump(mode="json"),
        "machines": len({each.machine for each in records}),
        "versions": first.versions,
        "started": min(each.started for each in records).isoformat(),
        "finished": max(each.finished or each.started for each in records).isoformat(),
    }


def _epoch_rules(runs: Sequence[StoredRun]) -> dict[str, Any]:
    """Return what each rule would have reported, and from which epoch of each run.

    ``best-on-test`` chooses by what it reports: a cheat, held against the others to show how much
    it gains.
    """
    validated = runs and all(
        epoch.validation_accuracy is not None for run in runs for epoch in run.history[-1:]
    )
    return {
        "last": _reported(runs, lambda epoch: epoch.epoch),
        "best-on-validation": _reported(runs, lambda epoch: epoch.validation_accuracy or 0.0)
        if validated
        else None,
        "best-on-test": _reported(runs, lambda epoch: epoch.test_accuracy or 0.0),
    }


def _reported(runs: Sequence[StoredRun], by: Callable[[EpochRecord], float]) -> dict[str, Any]:
    # Of equal ones the first.
    chosen = [max((each for each in run.history if each.evaluated), key=by) for run in runs]
    return {
        "test_accuracy": Accuracies.of(each.test_accuracy for each in chosen).to_dict(),
        "epochs": [each.epoch for each in chosen],
    }


def _noise(results: ConfigurationResults) -> dict[str, Any]:
    """Return the labels' noise: what was asked for, and what was drawn, mean over the runs.

    A row of ``matrix`` that belongs to a class without training images is 0.
    """
    spec, runs = results.configuration.noise, results.finished
    drawn = [run.record.noise for run in runs if run.record.noise]
    rates = Spread.of(each.observed_rate for each in drawn)
    classes = runs[0].record.class_names if runs else None
    asked = spec.transition(classes) if classes else None
    counts = np.array([each.counts for each in drawn], np.float64)
    observed = (
        (counts / np.maximum(counts.sum(axis=2, keepdims=True), 1)).mean(axis=0) if drawn else asked
    )
    kept = [run.kept for run in runs if spec.active]
    return {
        "kind": spec.kind,
        "rate": spec.rate if spec.active else 0.0,
        "observed_rate": rates.mean if spec.active else 0.0,
        "observed_rate_std": rates.std,
        "observed_rates": list(rates.runs),
        "matrix": None if observed is None else observed.tolist(),
        "transition": None if asked is None else asked.tolist(),
        "settings": spec.model_dump(mode="json"),
        "clean_train_accuracy": Spread.of(each.clean_train_accuracy for each in kept).to_dict(),
        "memorized": Spread.of(each.memorized for each in kept).to_dict(),
        "recovered": Spread.of(each.recovered for each in kept).to_dict(),
    }


def _cost(results: ConfigurationResults, store: StudyStore) -> dict[str, Any]:
    seconds = Spread.of(run.record.seconds for run in results.finished)
    total = sum(run.record.seconds or 0.0 for run in results.ended)
    record = results.ended[0].record if results.ended else None
    of = record.cost if record else None
    return {
        "parameters": of and of.parameters,
        "multiply_adds": of and of.multiply_adds,
        "weight_bytes": of and of.weight_bytes,
        "weight_file_bytes": next(
            (store.run(run.record.id).weights_file.stat().st_size for run in results.finished), None
        ),
        "seconds": seconds.mean,
        "seconds_std": seconds.std,
        "seconds_total": total,
        "epochs": results.configuration.recipe.epochs,
    }
