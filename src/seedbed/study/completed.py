"""The finished runs of a study, and what their weights make of images."""

from dataclasses import dataclass
from threading import Event
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.data.images import Normalization
from seedbed.networks.network import Network
from seedbed.study.plan import PlannedRun, plan_runs
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.features_file import Features
from seedbed.study.store.record import RunRecord
from seedbed.study.store.robustness_file import Robustness
from seedbed.study.store.run import DamagedRunError, RunStore
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import Arrays, Engine

AT_ONCE: Final = 500
"""Images of a question to the engine, so that Ctrl-C is noticed."""


@dataclass(frozen=True)
class FinishedRun:
    """A finished run, of which more may be found out."""

    planned: PlannedRun
    store: RunStore
    record: RunRecord

    def robustness(self) -> Robustness:
        """Return what is known of it on altered images, which may be nothing."""
        return self.store.robustness(self.record)

    def features(self) -> Features | None:
        """Return what is known of its feature space; ``None`` if nothing is."""
        return self.store.features(self.record)


def finished_runs(store: StudyStore, spec: StudySpec) -> list[FinishedRun]:
    """Return the finished runs of a study, without those that are damaged.

    Args:
        store: Of the study.
        spec: What its ``study.toml`` says.

    Raises:
        StoreError: If a newer Seedbed wrote a run, or a file may not be read.

    """
    found = []
    for planned in plan_runs(spec):
        try:
            stored = store.load_run(planned)
        except DamagedRunError:  # whoever reads the results says so
            continue
        if stored is not None and stored.record.status == "finished":
            found.append(FinishedRun(planned, store.run(planned.id), stored.record))
    return found


def logits_of(
    engine: Engine,
    network: Network,
    weights: Arrays,
    images: NDArray[np.uint8],
    normalization: Normalization,
    stop: Event,
) -> NDArray[np.float32] | None:
    """Return the N×K logits of N×H×W×C images, N at least 1; ``None`` once ``stop`` is set."""
    parts = []
    for start in range(0, len(images), AT_ONCE):
        if stop.is_set():
            return None
        part = images[start : start + AT_ONCE]
        parts.append(engine.logits(network, weights, part, normalization))
    return np.concatenate(parts)
