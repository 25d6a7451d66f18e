"""The trained network of a finished run: its layers and weights, and predictions with them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seedbed.core.errors import StoreError
from seedbed.data.images import Normalization
from seedbed.engines.registry import engine_for_logits
from seedbed.networks.network import Network
from seedbed.networks.weights import check_weights
from seedbed.study.spec.configuration import build_network
from seedbed.study.store.nearby import no_run
from seedbed.study.store.record import RunRecord
from seedbed.study.store.run import DamagedRunError, RunStore
from seedbed.training.engine import Arrays


@dataclass(frozen=True)
class StoredNetwork:
    """A network with the weights of a finished run."""

    record: RunRecord
    network: Network
    weights: Arrays

    @classmethod
    def load(cls, folder: Path) -> "StoredNetwork":
        """Read the network from the folder of a run.

        Raises:
            StoreError: If there is no finished run, it is damaged, or another version of Seedbed
                wrote it.
            NetworkError: If the weights do not fit the network, or a user module has changed.
        """
        run = RunStore(folder)
        try:
            stored = run.load() if folder.is_dir() else None
        except DamagedRunError as error:
            raise StoreError(f"damaged run: {error}", where=str(folder)) from error
        if stored is None:
            raise no_run(folder)
        record = stored.record
        if record.status != "finished":
            raise StoreError(
                f"the status of the run is {record.status!r}",
                where=str(folder),
                expected="a finished run, which has weights",
            )
        network = build_network(record.configuration["network"], len(record.class_names))
        weights = run.weights()
        check_weights(network, record.dataset.image_shape, weights)
        return cls(record, network, weights)

    @property
    def normalization(self) -> Normalization:
        """The normalization of its input."""
        normalization = self.record.normalization
        return Normalization(normalization.mean, normalization.std)

    def logits(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the N×K logits of N×H×W×C images, N at least 1, computed on the CPU.

        Raises:
            MissingExtra: If the network needs PyTorch, and it is not installed.
        """
        engine = engine_for_logits(self.network, self.record.dataset.image_shape)
        return engine.logits(self.network, self.weights, images, self.normalization)
