"""The feature space of stored runs: asked of their weights, and kept beside them.

Computed where it is missing, in the few images that robustness is measured on, too; so a run that
was trained by an older Seedbed has it the next time that somebody looks.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import numpy as np

from seedbed.analysis.aggregate import Spread
from seedbed.evaluation.feature_space import feature_space
from seedbed.networks.features import features_as_logits
from seedbed.networks.layers import Linear
from seedbed.networks.weights import check_weights
from seedbed.study.completed import FinishedRun, logits_of
from seedbed.study.loaded import LoadedStudy
from seedbed.study.robustness import chosen_images
from seedbed.study.store.features_file import Features
from seedbed.study.store.run import WEIGHTS
from seedbed.training.engine import Engine, RunTask


def runs_without_features(runs: Iterable[FinishedRun]) -> list[FinishedRun]:
    """Return those runs of which the feature space is not known, but can be.

    Of a user module, nobody knows what its last layer is.

    Raises:
        StoreError: If a file may not be read.

    """
    return [
        each
        for each in runs
        if each.record.layers
        and each.record.layers[-1]["layer"] == Linear.__name__
        and each.features() is None
    ]


def find_features(
    study: LoadedStudy, runs: Sequence[FinishedRun], engine: Engine, *, threads: int
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
        task = study.task(run.planned)
        engine.check_network(task.network, task.dataset.image_shape)
    stop = Event()

    def find(run: FinishedRun) -> None:
        found = _features(study.task(run.planned), run, engine, stop)
        if found is not None:
            run.store.write_features(found)

    with ThreadPoolExecutor(max(1, min(threads, len(runs)))) as workers:
        try:
            for _ in workers.map(find, runs):
                pass
        finally:
            stop.set()


def summarize_features(found: Sequence[tuple[int | str, Features | None]]) -> dict[str, Any] | None:
    """Return what the summary holds of the feature spaces of a configuration's runs.

    Args:
        found: Seed of each run, and its features, ``None`` where they are not known.

    Returns:
        ``None`` where none is known.

    """
    known = {seed: each for seed, each in found if each is not None}
    if not known:
        return None
    spaces = list(known.values())
    rand = Spread.of(each.adjusted_rand for each in spaces)
    shared = Spread.of(each.mutual_information for each in spaces)
    return {
        "seeds": list(known),
        "adjusted_rand": {**rand.to_dict(), "runs": list(rand.runs)},
        "mutual_information": {**shared.to_dict(), "runs": list(shared.runs)},
        "explained": np.mean([each.explained for each in spaces], axis=0).tolist(),
        "images": len(spaces[0].index),
    }


def _features(task: RunTask, run: FinishedRun, engine: Engine, stop: Event) -> Features | None:
    """Return what is found; ``None`` where it has been stopped."""
    test = task.dataset.test
    weights = run.store.weights()
    check_weights(task.network, test.image_shape, weights)
    network, weights = features_as_logits(task.network, test.image_shape, weights)
    index = chosen_images(len(test))
    normalization = task.dataset.train.normalization()
    seen = logits_of(engine, network, weights, test.images[index], normalization, stop)
    if seen is None:
        return None
    space = feature_space(seen, test.labels[index], len(test.class_names))
    largest = np.abs(space.coordinates).max() or 1.0
    return Features(
        run.record.files[WEIGHTS],
        index.astype(np.int32),
        (space.coordinates / largest).astype(np.float16),
        np.array(space.explained),
        space.adjusted_rand,
        space.mutual_information,
    )
