"""What was configured as label noise, and what was drawn."""

from typing import TYPE_CHECKING

import numpy as np

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.material import Material
from seedbed.analysis.subjects.noise.result import Noise, NoiseResult
from seedbed.noise.transition import Matrix

if TYPE_CHECKING:
    from seedbed.study.store.record import RunRecord


def compute(material: Material) -> NoiseResult | None:
    """Return the noise of a stored configuration; that of external predictions is not known."""
    results = material.results
    if results is None:
        return None
    spec, runs = results.configuration.noise, results.finished
    drawn = [run.record.noise for run in runs if run.record.noise]
    rates = [record.observed_rate for record in drawn]
    observed_rate = Aggregate.of(rates)
    classes = runs[0].record.class_names if runs else None
    configured = spec.transition(classes) if classes else None
    counts = np.array([record.counts for record in drawn], np.float64)
    observed = (
        (counts / np.maximum(counts.sum(axis=2, keepdims=True), 1)).mean(axis=0)
        if drawn
        else configured
    )
    kept = [run.kept for run in runs if spec.active]
    estimates = [run.kept.estimated_transition for run in runs]
    matrices = [np.array(estimate) for estimate in estimates if estimate]
    errors = [
        float(abs(np.array(run.kept.estimated_transition) - _observed(run.record)).mean())
        for run in runs
        if run.kept.estimated_transition
    ]
    return NoiseResult(
        Noise(
            kind=spec.kind,
            rate=spec.rate if spec.active else 0.0,
            observed_rate=observed_rate.mean if spec.active else 0.0,
            observed_rate_std=observed_rate.std,
            observed_rates=tuple(rates),
            matrix=None if observed is None else observed.tolist(),
            transition=None if configured is None else configured.tolist(),
            settings=spec.model_dump(mode="json"),
            clean_train_accuracy=Aggregate.of(run.clean_train_accuracy for run in kept),
            memorized=Aggregate.of(run.memorized for run in kept),
            recovered=Aggregate.of(run.recovered for run in kept),
            estimated_matrix=np.mean(matrices, axis=0).tolist() if matrices else None,
            estimation_error=Aggregate.of(errors),
        )
    )


def _observed(record: "RunRecord") -> Matrix:
    """Return the observed transition matrix of a run; the identity without noise."""
    if record.noise is None:
        return np.eye(len(record.class_names))
    counts = np.array(record.noise.counts, np.float64)
    observed: Matrix = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return observed
