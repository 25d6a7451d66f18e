"""Predictions of single images as frames: of every run, and counted over the runs."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.entry import Entry
from seedbed.analysis.frames.naming import Naming, run_id
from seedbed.analysis.frames.stored import ended_runs, need_runs
from seedbed.analysis.predictions import Predictions, align
from seedbed.core.errors import StoreError, StudyError
from seedbed.core.suggestions import unknown
from seedbed.display.frame import Frame
from seedbed.study.store.names import predictions_name
from seedbed.study.store.study import StudyStore

SPLITS: Final = ("test", "validation", "train")

Columns = dict[str, NDArray[Any]]


def predictions_frame(entries: Sequence[Entry], folder: Path, split: str) -> Frame:
    """Return a frame with a row for each image of each finished run.

    Args:
        entries: The configurations.
        folder: Of the study.
        split: ``test``, ``validation`` or ``train``.

    Raises:
        StoreError: If a run has not kept its predictions for the split, or was changed or removed
            since the summary was made.
        StudyError: If there is no such split, or the entries are of predictions of another tool.
    """
    if split not in SPLITS:
        raise StudyError(unknown("split", split, SPLITS))
    need_runs(entries, "single images")
    naming, texts = Naming(entries), _Texts()
    parts: list[Columns] = []
    for entry in entries:
        for seed, run, index in _finished(entry, folder, split):
            named = naming.run(entry, seed)
            same = {name: named[name] for name in ("run", "configuration", "seed")}
            parts.append(
                {name: _repeated(value, len(run)) for name, value in same.items()}
                | {"index": index}
                | _of_images(run, texts)
                | {
                    "predicted": _classes(run)[run.predicted],
                    "probability": run.probabilities[np.arange(len(run)), run.labels],
                    "correct": ~run.wrong,
                }
            )
    return _joined(parts, ("run", "configuration", "seed", "index", "name", "label", "predicted"))


def images_frame(entries: Sequence[Entry], folder: Path) -> Frame:
    """Return a frame with a row for each test image of each configuration.

    Args:
        entries: The configurations.
        folder: Of the study.

    Raises:
        StoreError: As :func:`predictions_frame`.
        StudyError: If the entries are of predictions of another tool.
    """
    need_runs(entries, "single images")
    texts = _Texts()
    parts = [_counted(entry, folder, texts) for entry in entries if entry.header.n]
    return _joined(parts, ("configuration", "index", "name", "label", "n_runs", "n_wrong"))


def _counted(entry: Entry, folder: Path, texts: "_Texts") -> Columns:
    """Return the test images of a configuration, and what its runs predict for them."""
    read = list(_finished(entry, folder, "test"))
    runs = align([run for _, run, _ in read], [run_id(entry, seed) for seed, _, _ in read])
    first, rows = runs[0], np.arange(len(runs[0]))
    votes = np.zeros((len(first), len(first.class_names)), np.int64)
    probability = np.zeros(len(first))
    for run in runs:
        votes[rows, run.predicted] += 1
        probability += run.probabilities[rows, run.labels]
    predicted = votes.argmax(axis=1)
    n_wrong = len(runs) - votes[rows, first.labels]
    votes[rows, first.labels] = 0
    return {
        "configuration": _repeated(entry.header.label, len(first)),
        "index": read[0][2],
        **_of_images(first, texts),
        "n_runs": _repeated(len(runs), len(first)),
        "n_wrong": n_wrong,
        "predicted": _classes(first)[predicted],
        "mistaken_for": np.where(n_wrong > 0, _classes(first)[votes.argmax(axis=1)], None),
        "mean_probability": probability / len(runs),
    }


def _finished(
    entry: Entry, folder: Path, split: str
) -> Iterator[tuple[int | str, Predictions, NDArray[np.int64]]]:
    """Yield the seed of each finished run, its predictions, and the places of their images."""
    for place, (seed, run) in enumerate(ended_runs(folder, entry)):
        if place == entry.header.n:
            return
        store = StudyStore(folder).run(run.record.id)
        if predictions_name(split) not in run.record.files:
            raise StoreError(
                f"the run has not kept its predictions of the {split} split",
                where=str(store.folder),
                hint=f'set keep_logits = ["test", "{split}"] in the study file before training'
                if split != "test"
                else "",
            )
        scores, labels, images = store.named_predictions(split)
        names = run.record.class_names
        yield seed, Predictions(scores, labels, names, images=images), store.indices(split)


class _Texts:
    """Names and hashes of images, as one array of text where they are those of the run before."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[NDArray[Any], NDArray[Any]]] = {}

    def of(self, name: str, array: NDArray[Any]) -> NDArray[Any]:
        last = self._last.get(name)
        if last is None or not np.array_equal(last[0], array):
            last = self._last[name] = (array, array.astype(object))
        return last[1]


def _of_images(run: Predictions, texts: _Texts) -> Columns:
    assert run.images is not None
    return {
        "name": texts.of("name", run.images.names),
        "hash": texts.of("hash", run.images.hashes),
        "label": _classes(run)[run.labels],
    }


def _classes(run: Predictions) -> NDArray[Any]:
    return np.array(run.class_names, object)


def _repeated(value: Any, rows: int) -> NDArray[Any]:
    return np.full(rows, value, object if isinstance(value, str) else np.int64)


def _joined(parts: Sequence[Columns], columns: Sequence[str]) -> Frame:
    if not parts:
        return Frame({name: [] for name in columns})
    return Frame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
