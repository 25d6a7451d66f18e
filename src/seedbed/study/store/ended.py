"""What a run leaves when it ends, packed where it was trained, so that only writing it is left."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from seedbed.core.files import sha256
from seedbed.noise.labels import NoisyLabels
from seedbed.study.store.contents import (
    images_contents,
    labels_contents,
    predictions_contents,
    weights_contents,
)
from seedbed.study.store.names import PREDICTIONS, TRAINING_LABELS, WEIGHTS, predictions_name
from seedbed.training.engine import RunResult
from seedbed.training.splits import Split

if TYPE_CHECKING:
    from seedbed.data.images import ImageDataset


@dataclass(frozen=True, eq=False)
class EndedRun:
    """The files of a run that has ended, except its record and its history."""

    files: Mapping[str, NDArray[np.uint8]]
    """Name -> contents. Arrays travel between processes without a copy."""
    hashes: Mapping[str, str]
    """Name -> SHA-256 of the contents."""
    selected_epoch: int | None
    """The epoch whose weights these are; ``None`` if the run diverged."""
    diverged_epoch: int | None = None
    diverged_reason: str | None = None

    @property
    def weights(self) -> dict[str, NDArray[np.float32]] | None:
        """The weights by name, unless the run diverged."""
        contents = self.files.get(WEIGHTS)
        return None if contents is None else safetensors.numpy.load(contents.tobytes())

    @property
    def logits(self) -> NDArray[np.float32] | None:
        """Those of the test images, N×K, if they are kept."""
        contents = self.files.get(PREDICTIONS)
        if contents is None:
            return None
        with np.load(BytesIO(contents.tobytes()), allow_pickle=False) as arrays:
            logits: NDArray[np.float32] = arrays["logits"]
            return logits


class Packer:
    """Packs the results of runs.

    What is said about the test images is the same for all runs of a dataset, and takes longer than
    the rest: it is packed once.
    """

    def __init__(self) -> None:
        self._images: dict[ImageDataset, bytes] = {}

    def pack(
        self, result: RunResult, splits: Mapping[str, Split], labels: NoisyLabels | None = None
    ) -> EndedRun:
        """Return the files of a run.

        Args:
            result: Weights and logits, or the epoch in which the run diverged.
            splits: The splits of the run by name.
            labels: Of the whole training split, if there is noise.
        """
        files: dict[str, bytes] = {}
        if labels is not None:
            files[TRAINING_LABELS] = labels_contents(labels)
        for name, logits in result.logits.items():
            images = self._images_of(name, splits[name])
            files[predictions_name(name)] = predictions_contents(images, logits)
        if result.weights is not None:
            files[WEIGHTS] = weights_contents(result.weights)
        return EndedRun(
            {name: np.frombuffer(contents, np.uint8) for name, contents in files.items()},
            {name: sha256(contents) for name, contents in files.items()},
            result.epoch,
            result.diverged_epoch,
            result.diverged_reason,
        )

    def _images_of(self, name: str, split: Split) -> bytes:
        if name != "test":  # runs hold out images of their own
            return images_contents(name, split)
        if split.dataset not in self._images:
            self._images[split.dataset] = images_contents(name, split)
        return self._images[split.dataset]
