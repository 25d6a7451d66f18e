"""The stored predictions of a configuration's runs, without those that cannot be right."""

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.predictions import Predictions, align
from seedbed.analysis.registry import analyses
from seedbed.analysis.summary.self_check import check_scores
from seedbed.core.errors import DataError
from seedbed.data.images import ImageIdentities
from seedbed.study.results import ConfigurationResults
from seedbed.study.store.names import PREDICTIONS
from seedbed.study.store.study import StudyStore

if TYPE_CHECKING:
    from seedbed.study.store.run import StoredRun


def read_predictions(
    results: ConfigurationResults, store: StudyStore
) -> tuple[list[Predictions], list[str]]:
    """Return the test predictions of all finished runs, and a line for each run left out.

    A run is left out if its predictions cannot belong to their labels, or have other labels or
    classes than most runs of the configuration.

    Args:
        results: The runs; those that are left out become unfinished.
        store: Where they are stored.

    Returns:
        One for each finished run that is left; none if a run has not kept its predictions.
    """
    if not all(PREDICTIONS in run.record.files for run in results.finished):
        return [], []
    shared = _SharedArrays()
    read: list[tuple[StoredRun, Predictions]] = []
    problems: list[tuple[StoredRun, str]] = []
    for run in results.finished:
        try:
            logits, labels, images = store.run(run.record.id).named_predictions()
            predictions = Predictions(
                logits, shared.one(labels), run.record.class_names, images=shared.identities(images)
            )
            check_scores(predictions)
        except DataError as error:
            problems.append((run, str(error)))
        else:
            read.append((run, predictions))
    keys = [(of.class_names, shared.labeled_images(of)) for _, of in read]
    most = Counter(keys).most_common(1)[0][0] if keys else None
    other = [key != most for key in keys]
    problems += [
        (run, "its predictions are of other images or labels than those of most runs")
        for (run, _), is_other in zip(read, other, strict=True)
        if is_other
    ]
    for run, _ in problems:
        results.leave_out(run)
    kept = [pair for pair, is_other in zip(read, other, strict=True) if not is_other]
    names = [str(store.run(run.record.id).folder) for run, _ in kept]
    return (
        align([of for _, of in kept], names) if kept else [],
        [
            f"{run.record.id} is left out: {problem}; move its folder away, and `seedbed run` "
            "trains it again"
            for run, problem in problems
        ],
    )


class _SharedArrays:
    """Arrays of text and labels, which are usually the same for all runs of a configuration.

    One of several equal arrays is kept: those of 10,000 runs would fill the memory.
    """

    def __init__(self) -> None:
        self._arrays: dict[bytes, NDArray[Any]] = {}
        self._identities: dict[tuple[int, int], ImageIdentities] = {}
        self._labeled: dict[bytes, bytes] = {}

    def one(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return the first array that was equal to this one."""
        key = f"{array.dtype.str} {array.shape} ".encode() + _digest(array)
        return self._arrays.setdefault(key, array)

    def identities(self, images: ImageIdentities) -> ImageIdentities:
        """Return the first identities that were equal to these."""
        names, hashes = self.one(images.names), self.one(images.hashes)
        key = id(names), id(hashes)
        return self._identities.setdefault(key, ImageIdentities(names, hashes))

    def labeled_images(self, predictions: Predictions) -> bytes:
        """Return a hash of the content hash and the label of every image, in any order."""
        assert predictions.images is not None
        hashes, labels = predictions.images.hashes, predictions.labels
        key = _digest(hashes) + _digest(labels)
        if key not in self._labeled:
            order = np.lexsort((labels, hashes))
            self._labeled[key] = _digest(hashes[order]) + _digest(labels[order])
        return self._labeled[key]


def _digest(array: NDArray[Any]) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(array).tobytes(), digest_size=16).digest()


def damaged_answers(results: ConfigurationResults, store: StudyStore) -> list[str]:
    """Return a line for each damaged file with answers of the weights of finished runs."""
    files = [analysis.inquiry.file for analysis in analyses() if analysis.inquiry is not None]
    return [
        f"{run.record.id}/{file} {damage}; `seedbed report` makes it again"
        for run in results.finished
        for file in files
        if (damage := store.run(run.record.id).damage_of_answers(file))
    ]
