"""Computes the labels, splits and logits of stored runs again, from seeds, images and weights."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.verify.engine import engine_here
from seedbed.analysis.verify.finding import Finding
from seedbed.analysis.verify.run import ROUNDING
from seedbed.core.errors import SeedbedError
from seedbed.data.images import DatasetSplits, Normalization
from seedbed.study.completed import FinishedRun
from seedbed.study.loaded import run_task
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.dataset import reload_dataset
from seedbed.study.store.names import TRAINING_LABELS, predictions_name
from seedbed.study.store.record import sample_fields
from seedbed.training.engine import Engine, RunTask
from seedbed.training.splits import Split

TOLERANCE: Final = 1e-3
"""Of logits that another engine or processor computes, relative to the largest of the run."""
IMAGES_AT_ONCE: Final = 1000
PRUNED: Final = (
    "labels and splits computed again are the same; its weights were pruned, so logits cannot be"
)


def load_datasets(
    spec: StudySpec, runs: list[FinishedRun], data_root: Path | None
) -> tuple[dict[str, DatasetSplits], list[Finding]]:
    """Return the datasets of runs by fingerprint, and a finding for each."""
    sources = {run.configuration.fingerprint: run.record.dataset for run in runs}
    datasets, findings = {}, []
    for dataset in spec.datasets:
        key = dataset.fingerprint
        if key is None or key not in sources:
            continue
        name = f"dataset {sources[key].title}"
        try:
            datasets[key] = reload_dataset(dataset, sources[key].source, data_root)
        except SeedbedError as error:
            findings.append(Finding(name, str(error), "doubt"))
        else:
            findings.append(Finding(name, f"its images have the fingerprint {key[:12]}…"))
    return datasets, findings


def check_deep(
    spec: StudySpec, runs: list[FinishedRun], datasets: Mapping[str, DatasetSplits]
) -> Iterator[Finding]:
    """Check finished runs whose datasets are there.

    Logits must have the same bits if the native engine computed them, in this version, and its
    instructions are canonical or those of this machine; else they must agree within
    :data:`TOLERANCE`.
    """
    for run in runs:
        if run.configuration.fingerprint not in datasets:
            continue
        task = run_task(
            run.planned, datasets[run.configuration.fingerprint], keep_logits=spec.keep_logits
        )
        name = f"runs/{run.planned.id}"
        try:
            doubts = _sample(run, task)
            if run.record.pruned and not doubts:
                yield Finding(name, PRUNED, "open")
                continue
            more, text = ([], "") if run.record.pruned else _logits(run, task)
        except (SeedbedError, ValueError, KeyError, OSError) as error:
            yield Finding(name, f"cannot be computed again: {error}", "doubt")
        else:
            yield Finding.of(name, doubts + more, text)


def _sample(run: FinishedRun, task: RunTask) -> list[str]:
    """Compare what the run learned from with what its seeds and the images give."""
    record, sample = run.record, task.sample()
    fields = sample_fields(task, sample)
    doubts = []
    if record.splits != fields["splits"]:
        doubts.append("splits are not those of its seeds")
    if record.noise != fields.get("noise"):
        doubts.append("noise is not that of its seeds")
    if TRAINING_LABELS in record.files:
        with np.load(run.store.folder / TRAINING_LABELS, allow_pickle=False) as arrays:
            stored = {name: arrays[name] for name in ("clean", "noisy")}
        drawn = {"clean": sample.labels.clean, "noisy": sample.labels.noisy}
        doubts += [
            f"{name} labels in {TRAINING_LABELS} are not those of its seeds"
            for name in drawn
            if not np.array_equal(stored[name], drawn[name])
        ]
    of_images, recorded = task.dataset.train.normalization(), record.normalization
    pairs = zip((*of_images.mean, *of_images.std), (*recorded.mean, *recorded.std), strict=True)
    if not all(math.isclose(one, other, rel_tol=ROUNDING) for one, other in pairs):
        doubts.append("normalization is not that of its training images")
    return doubts


def _logits(run: FinishedRun, task: RunTask) -> tuple[list[str], str]:
    """Compare the kept logits with those that the weights give, and the images that they are of."""
    here = engine_here(run.record, [task])
    same_bits = not here.differences and run.record.engine.name == "native"
    weights, splits = run.store.weights(), task.splits(task.sample())
    normalization = task.dataset.train.normalization()
    doubts, furthest = [], 0.0
    for name, split in splits.items():
        if predictions_name(name) not in run.record.files:
            continue
        doubts += _images(run, name, split)
        stored, _ = run.store.predictions(name)
        computed = _compute(here.engine, task, weights, split, normalization)
        if computed.shape != stored.shape:
            doubts.append(f"{predictions_name(name)} is not of the images of the split")
            continue
        off = float(np.abs(computed - stored).max() / max(np.abs(stored).max(), 1e-30))
        furthest = max(furthest, off)
        if off > (0 if same_bits else TOLERANCE):
            count = int((computed != stored).any(axis=1).sum())
            doubts.append(
                f"{predictions_name(name)} is not what the weights give: {count} of {len(stored)} "
                f"images differ, by up to {off:.1e} of the largest logit"
            )
    why = ", ".join(here.differences)
    if furthest == 0:
        also = f", with {why}" if why else ""
        return doubts, f"labels, splits and logits computed again: the same bits{also}"
    text = f"labels and splits computed again are the same, logits agree within {furthest:.1e}"
    return doubts, f"{text} of the largest (at most {TOLERANCE:.0e}; {why or 'rounding'})"


def _images(run: FinishedRun, name: str, split: Split) -> list[str]:
    file, images = predictions_name(name), run.store.identities(name)
    _, labels = run.store.predictions(name)
    doubts = []
    if not np.array_equal(labels, split.labels):
        doubts.append(f"{file} has other labels than the images")
    if not np.array_equal(images.hashes, split.identities.hashes):
        doubts.append(f"{file} names other images")
    return doubts


def _compute(
    engine: Engine,
    task: RunTask,
    weights: Mapping[str, NDArray[np.float32]],
    split: Split,
    normalization: Normalization,
) -> NDArray[np.float32]:
    parts = []
    for start in range(0, len(split), IMAGES_AT_ONCE):
        images = split.dataset.images[split.indices[start : start + IMAGES_AT_ONCE]]
        parts.append(engine.logits(task.network, weights, images, normalization))
    return np.concatenate(parts)
