"""The feature space of stored runs: asked of their weights, and kept beside them.

Computed where it is missing, in the few images that robustness is measured on, too; so a run that
was trained by an older Seedbed has it the next time that somebody looks.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Any, Final

import numpy as np

from seedbed.evaluation.feature_space import feature_space
from seedbed.evaluation.spread import Spread
from seedbed.networks.features import features_as_logits
from seedbed.networks.layers import Linear
from seedbed.networks.weights import check_weights
from seedbed.study.features_file import Features
from seedbed.study.grid import PlannedRun, plan_runs
from seedbed.study.loaded import LoadedStudy
from seedbed.study.robustness import chosen_images
from seedbed.study.run_store import WEIGHTS, DamagedRunError, RunStore
from seedbed.study.spec import StudySpec
from seedbed.study.store import StudyStore
from seedbed.training.engine import Engine, RunTask

AT_ONCE: Final = 500
"""Images of a question to the engine, so that Ctrl-C is noticed."""


@dataclass(frozen=True)
class RunWithoutFeatures:
    """A finished run whose feature space is not known."""

    planned: PlannedRun
    store: RunStore
    weights_sha256: str
    source: str
    """Where the dataset was found when it was trained."""


def runs_without_features(store: StudyStore, spec: StudySpec) -> list[RunWithoutFeatures]:
    """Return the finished runs of which the feature space is not known.

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
            run, record = store.run(planned.id), stored.record
            # Of a module of the user's own, nobody knows what its last layer is.
            linear = bool(record.layers) and record.layers[-1]["layer"] == Linear.__name__
            if linear and run.features(record) is None:
                weights, source = record.files[WEIGHTS], record.dataset.source
                found.append(RunWithoutFeatures(planned, run, weights, source))
    return found


def find_features(
    study: LoadedStudy, runs: Sequence[RunWithoutFeatures], engine: Engine, *, threads: int
) -> None:
    """Find out the feature space of runs, and store it.

    Args:
        study: With the datasets of all these runs.
        runs: Of :func:`runs_without_features`.
        engine: What is asked.
        threads: Cores to use. Never changes a result.

    Raises:
        KeyboardInterrupt: Within about a second of Ctrl-C; what is known is stored.
        NetworkError: If the engine does not have a layer of a network, or weights are of another.
        StoreError: If something cannot be written.

    """
    for run in runs:
        engine.check(study.task(run.planned))
    stop = Event()

    def find(run: RunWithoutFeatures) -> None:
        found = _features(study.task(run.planned), run, engine, stop)
        if found is not None:
            run.store.write_features(found)

    with ThreadPoolExecutor(max(1, min(threads, len(runs)))) as workers:
        try:
            for _ in workers.map(find, runs):
                pass
        finally:
            stop.set()


def summarise_features(runs: Sequence[Features | None]) -> dict[str, Any] | None:
    """Return what the summary holds of the feature spaces of a configuration's runs.

    Args:
        runs: Of each run, ``None`` where it is not known.

    Returns:
        ``None`` where none is known.

    """
    known = [each for each in runs if each is not None]
    if not known:
        return None
    rand = Spread.of(each.adjusted_rand for each in known)
    shared = Spread.of(each.mutual_information for each in known)
    return {
        "adjusted_rand": {**rand.to_dict(), "runs": list(rand.runs)},
        "mutual_information": {**shared.to_dict(), "runs": list(shared.runs)},
        "explained": np.mean([each.explained for each in known], axis=0).tolist(),
        "images": len(known[0].index),
    }


def _features(
    task: RunTask, run: RunWithoutFeatures, engine: Engine, stop: Event
) -> Features | None:
    """Return what is found; ``None`` where it has been stopped."""
    test = task.dataset.test
    weights = run.store.weights()
    check_weights(task.network, test.image_shape, weights)
    network, weights = features_as_logits(task.network, test.image_shape, weights)
    asked = RunTask(network, task.recipe, task.dataset, task.seed)
    index = chosen_images(len(test))
    parts = []
    for start in range(0, len(index), AT_ONCE):
        if stop.is_set():
            return None
        parts.append(engine.logits(asked, weights, test.images[index[start : start + AT_ONCE]]))
    space = feature_space(np.concatenate(parts), test.labels[index], len(test.class_names))
    largest = np.abs(space.coordinates).max() or 1.0
    return Features(
        run.weights_sha256,
        index.astype(np.int32),
        (space.coordinates / largest).astype(np.float16),
        np.array(space.explained),
        space.adjusted_rand,
        space.mutual_information,
    )
