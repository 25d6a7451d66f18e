"""Logits and features of the images of an audit, from the stored weights of its runs."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import NetworkError
from seedbed.data.images import ImageDataset, Normalization
from seedbed.networks.features import features_as_logits
from seedbed.networks.network import Network
from seedbed.study.completed import FinishedRun, finished_runs
from seedbed.study.loaded import LoadedStudy
from seedbed.study.store.study import StudyStore
from seedbed.training.engine import Arrays, Engine

IMAGES_AT_ONCE: Final = 500


def run_logits(
    run: FinishedRun, study: LoadedStudy, engine: Engine, images: ImageDataset
) -> NDArray[np.float32]:
    """Return the logits of images that the run did not store; N×K."""
    task = study.task(run.planned)
    normalization = task.dataset.train.normalization()
    return _logits(engine, task.network, run.store.weights(), images, normalization)


def audit_features(
    study: LoadedStudy, store: StudyStore, engine: Engine
) -> NDArray[np.float32] | None:
    """Return the features of all images by the first finished run, in the order of the splits; N×F.

    The network was trained on all training images but those of the fold that it held out. Where
    little is memorized, that moves their features little.

    Returns:
        ``None`` if the network's last layer is not linear.
    """
    run = finished_runs(store, study.spec)[0]
    task = study.task(run.planned)
    dataset = task.dataset
    try:
        network, weights = features_as_logits(
            task.network, dataset.image_shape, run.store.weights()
        )
    except NetworkError:
        return None
    normalization = dataset.train.normalization()
    return np.concatenate(
        [
            _logits(engine, network, weights, images, normalization)
            for images in dataset.splits.values()
        ]
    )


def _logits(
    engine: Engine,
    network: Network,
    weights: Arrays,
    images: ImageDataset,
    normalization: Normalization,
) -> NDArray[np.float32]:
    return np.concatenate(
        [
            engine.logits(
                network, weights, images.images[start : start + IMAGES_AT_ONCE], normalization
            )
            for start in range(0, len(images), IMAGES_AT_ONCE)
        ]
    )
