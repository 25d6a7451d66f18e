"""A network as a run has left it: its layers, its weights, and what they make of images."""

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
        """Read the folder of a run.

        Raises:
            StoreError: If there is no finished run, it is damaged, or a newer Seedbed wrote it.
            NetworkError: If the weights do not fit, or a user module is not as it was.
        """
        run = RunStore(folder)
        try:
            stored = run.load()
        except DamagedRunError as error:
            raise StoreError(f"is damaged: {error}", where=str(folder)) from error
        if stored is None:
            raise StoreError(
                "there is no run here",
                where=str(folder),
                expected="the folder of one, such as studies/mnist/runs/lenet5-3f9a0c12de-seed0",
            )
        record = stored.record
        if record.status != "finished":
            raise StoreError(
                f"this run has not finished: it is {record.status}",
                where=str(folder),
                expected="a finished one, which has weights",
            )
        network = build_network(record.configuration["network"], len(record.class_names))
        weights = run.weights()
        check_weights(network, record.dataset.image_shape, weights)
        return cls(record, network, weights)

    @property
    def normalization(self) -> Normalization:
        """How pixels become its input."""
        found = self.record.normalization
        return Normalization(found.mean, found.std)

    def logits(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the N×K logits of N×H×W×C images, N at least 1, computed on the CPU.

        Raises:
            MissingExtra: If the network needs PyTorch, and it is not installed.
        """
        engine = engine_for_logits(self.network, self.record.dataset.image_shape)
        return engine.logits(self.network, self.weights, images, self.normalization)
