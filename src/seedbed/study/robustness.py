"""How accurate stored runs are on test images that are altered: asked of their weights, and kept.

The answer of a run is ``robustness.json`` in its folder. It is written after every kind and
strength, so a process that is killed loses next to nothing, and only what is missing is asked.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.seeds import stream
from seedbed.data.corruptions import CORRUPTIONS, SEED, corrupt
from seedbed.data.images import DatasetSplits
from seedbed.study.completed import FinishedRun, logits_of
from seedbed.study.loaded import LoadedStudy
from seedbed.study.store.robustness_file import UNALTERED, Asked, Robustness
from seedbed.training.engine import Arrays, Engine, RunTask

MOST_IMAGES: Final = 2000
"""Of a test split; all networks are asked of the same ones, so their differences are sharper than
so few images would be for an accuracy."""
CHOICE: Final = 1_000_000
"""Position in the stream that chooses them, far from those of the corruptions."""


def open_runs(runs: Iterable[FinishedRun], configurations: Collection[str]) -> list[FinishedRun]:
    """Return those runs of some configurations, by their ids, of which not all is known.

    Raises:
        StoreError: If a file may not be read.

    """
    return [
        each
        for each in runs
        if each.planned.configuration.id in configurations and each.robustness().missing
    ]


def measure_robustness(
    study: LoadedStudy,
    runs: Sequence[FinishedRun],
    engine: Engine,
    *,
    threads: int,
) -> None:
    """Find out what is missing of runs, and store it.

    Args:
        study: With the datasets of all these runs.
        runs: Of :func:`open_runs`.
        engine: What is asked.
        threads: Cores to use. Never changes a result.

    Raises:
        KeyboardInterrupt: Within about a second of Ctrl-C; what is known is stored.
        UnsupportedLayer: If the engine does not have a layer of a network.
        StoreError: If something cannot be written.

    """
    by_dataset: dict[str, list[_Question]] = {}
    for each in runs:
        task = study.task(each.planned)
        engine.check_network(task.network, task.dataset.image_shape)
        asked = _Question(each, task, each.store.weights(), each.robustness())
        by_dataset.setdefault(each.planned.configuration.fingerprint, []).append(asked)
    for fingerprint, asked_runs in by_dataset.items():
        _ask(study.datasets[fingerprint], asked_runs, engine, threads)


def chosen_images(images: int) -> NDArray[np.int64]:
    """Return which of so many test images are altered: increasing indices, at most 2000.

    They are drawn, because every fifth image, say, may be of one class.
    """
    if images <= MOST_IMAGES:
        return np.arange(images)
    order = stream(SEED, "corruptions", CHOICE).permutation(images)
    return np.sort(order[:MOST_IMAGES])


@dataclass
class _Question:
    run: FinishedRun
    task: RunTask
    weights: Arrays
    known: Robustness


def _ask(dataset: DatasetSplits, runs: Sequence[_Question], engine: Engine, threads: int) -> None:
    """Alter the images in one way at a time, and ask all runs at once."""
    chosen = chosen_images(len(dataset.test))
    images, labels = dataset.test.images[chosen], dataset.test.labels[chosen]
    stop = Event()
    with ThreadPoolExecutor(max(1, min(threads, len(runs)))) as workers:
        try:
            for kind, strength in _in_order(runs):
                pixels = (
                    images if (kind, strength) == UNALTERED else corrupt(images, kind, strength)
                )
                asked = [each for each in runs if (kind, strength) in each.known.missing]

                def accuracy(each: _Question, pixels: NDArray[np.uint8] = pixels) -> float | None:
                    return _accuracy(engine, each, pixels, labels, stop)

                for each, found in zip(asked, workers.map(accuracy, asked), strict=True):
                    assert found is not None, "nobody stops while the answers are waited for"
                    each.known = each.known.with_answer(kind, strength, found, len(labels))
                    each.run.store.write_robustness(each.known)
        finally:
            stop.set()


def _in_order(runs: Sequence[_Question]) -> Iterator[Asked]:
    """Yield what some run is to be asked, kind by kind."""
    missing = frozenset[Asked]().union(*(each.known.missing for each in runs))
    kinds = [UNALTERED[0], *CORRUPTIONS]
    yield from sorted(missing, key=lambda asked: (kinds.index(asked[0]), asked[1]))


def _accuracy(
    engine: Engine,
    asked: _Question,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64],
    stop: Event,
) -> float | None:
    """Return the fraction of images that a run gets right; ``None`` where it has been stopped."""
    task = asked.task
    normalization = task.dataset.train.normalization()
    logits = logits_of(engine, task.network, asked.weights, images, normalization, stop)
    if logits is None:
        return None
    return int(np.count_nonzero(logits.argmax(axis=1) == labels)) / len(labels)


def said(runs: Sequence[FinishedRun], datasets: Mapping[str, DatasetSplits]) -> str:
    """Return in one line what is about to be done."""
    largest = max((len(each.test) for each in datasets.values()), default=0)
    count = f"{len(runs)} run{'' if len(runs) == 1 else 's'}"
    return (
        f"Asking {count} about {min(largest, MOST_IMAGES):,} test images that are shifted, "
        "rotated, noisy or blurred"
    )
