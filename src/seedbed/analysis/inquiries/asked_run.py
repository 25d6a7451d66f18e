"""A finished run that answers the questions of an inquiry, and the images they are about."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event
from typing import Final

import numpy as np
from numpy.typing import NDArray

from seedbed.core.seeds import stream
from seedbed.data.corruptions import SEED
from seedbed.networks.features import features_as_logits
from seedbed.networks.network import Network
from seedbed.networks.weights import check_weights
from seedbed.study.completed import FinishedRun
from seedbed.training.engine import Engine, RunTask

MOST_IMAGES: Final = 2000
"""Of a test split. All runs are asked about the same ones, so differences between them are sharper
than an accuracy on so few images is by itself."""
IMAGES_AT_ONCE: Final = 500
"""Of a question to the engine, so that Ctrl-C is noticed within a second."""
CHOICE: Final = 1_000_000
"""Position in the stream that draws the images, far from those of the corruptions."""


def chosen_images(images: int) -> NDArray[np.int64]:
    """Return which of so many test images runs are asked about: increasing, at most 2000.

    They are drawn at random, since every fifth image, say, may be of one class.
    """
    if images <= MOST_IMAGES:
        return np.arange(images)
    order = stream(SEED, "corruptions", CHOICE).permutation(images)
    return np.sort(order[:MOST_IMAGES])


class Stopped(Exception):
    """Ctrl-C was pressed while a run was being asked."""


@dataclass(frozen=True, eq=False)
class AskedRun:
    """A finished run that answers a question."""

    run: FinishedRun
    task: RunTask
    engine: Engine
    images: NDArray[np.uint8]
    """N×H×W×C: what the question is about."""
    labels: NDArray[np.int64]
    """Of these images, N."""
    index: NDArray[np.int64]
    """Their places in the test split, N increasing numbers."""
    stop: Event
    """Set once nobody waits for the answer."""

    @property
    def weights_sha256(self) -> str:
        """Of the file of weights."""
        return self.run.record.weights_sha256

    def logits(self) -> NDArray[np.float32]:
        """Return the N×K logits of the images.

        Raises:
            Stopped: If nobody waits for them any more.
        """
        return self._evaluate(self.task.network, self.run.store.weights())

    def features(self) -> NDArray[np.float32]:
        """Return the N×F features of the images: what the last layer sees.

        Raises:
            NetworkError: If the last layer is no Linear one.
            Stopped: If nobody waits for them any more.
        """
        shape = self.task.dataset.test.image_shape
        weights = self.run.store.weights()
        check_weights(self.task.network, shape, weights)
        network, weights = features_as_logits(self.task.network, shape, weights)
        return self._evaluate(network, weights)

    def _evaluate(
        self, network: Network, weights: Mapping[str, NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        normalization = self.task.dataset.train.normalization()
        parts = []
        for start in range(0, len(self.images), IMAGES_AT_ONCE):
            if self.stop.is_set():
                raise Stopped
            part = self.images[start : start + IMAGES_AT_ONCE]
            parts.append(self.engine.logits(network, weights, part, normalization))
        return np.concatenate(parts)
