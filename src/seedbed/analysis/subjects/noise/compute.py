"""What was configured as label noise, and what was drawn."""

import numpy as np

from seedbed.analysis.aggregate import Aggregate
from seedbed.analysis.material import Material
from seedbed.analysis.subjects.noise.result import Noise, NoiseResult


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
        )
    )
