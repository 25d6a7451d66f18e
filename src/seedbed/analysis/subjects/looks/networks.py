"""What the networks of a page look at: one run of each network."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seedbed.analysis.entry import Entry
from seedbed.analysis.part import PixelSource
from seedbed.analysis.predictions import Predictions
from seedbed.analysis.subjects.hard_examples import hard_examples_of
from seedbed.analysis.subjects.looks.pictures import ExaminedRun, Look, make_looks
from seedbed.analysis.subjects.looks.shown import shown_networks
from seedbed.core.errors import NetworkError, StoreError
from seedbed.display.escape import printable
from seedbed.networks.network import Network
from seedbed.networks.weights import check_weights
from seedbed.study.store.names import PREDICTIONS
from seedbed.study.store.run import DamagedRunError
from seedbed.study.store.study import StudyStore


@dataclass(frozen=True)
class NetworkLooks:
    """All pictures of one network."""

    label: str
    """Of the configuration that represents it."""
    run: str
    """What the run is called whose weights these are."""
    looks: tuple[Look, ...]
    missing: str = ""
    """Why there are none."""


def find_looks(
    folders: Sequence[Path], entries: Sequence[Entry], pixels: PixelSource | None
) -> tuple[NetworkLooks, ...]:
    """Return what the networks of a page look at.

    Shown is one configuration of each network; where there is only one network, the first that has
    a finished run. Its first run is looked into.

    Args:
        folders: Of the study of each entry.
        entries: In the order of the page.
        pixels: The test images; ``None`` without any.

    """
    if not folders:
        return ()
    networks = (
        _network_looks(StudyStore(folders[place]), entries[place], pixels)
        for place in shown_networks(entries)
    )
    return tuple(network for network in networks if network.looks or network.missing)


def _network_looks(store: StudyStore, entry: Entry, pixels: PixelSource | None) -> NetworkLooks:
    label = printable(entry.header.label)
    name = entry.header.run_name(entry.header.seeds[0])
    try:
        run = _examined(store, entry, pixels)
    except (DamagedRunError, NetworkError, StoreError) as error:
        return NetworkLooks(label, name, (), printable(str(error)))
    name = entry.header.run_name(run.record.seed)
    return NetworkLooks(label, name, tuple(make_looks(run)))


def _examined(store: StudyStore, entry: Entry, pixels: PixelSource | None) -> ExaminedRun:
    """Return the first run of an entry, or the first that has kept its weights."""
    found = [store.run(f"{entry.header.id}-seed{seed}") for seed in entry.header.seeds]
    run = next((each for each in found if each.weights_file.exists()), found[0])
    stored = run.load()
    if stored is None:
        raise DamagedRunError("its folder is gone")
    record, weights = stored.record, run.weights()
    network = Network.from_dict({"name": entry.header.network, "layers": record.layers})
    check_weights(network, record.dataset.image_shape, weights)
    if PREDICTIONS not in record.files:  # there are no errors to choose test images by
        return ExaminedRun(record, network, weights)
    logits, labels = run.predictions()
    predictions = Predictions(logits, labels, record.class_names, images=run.identities())
    hard = tuple(example.index for example in hard_examples_of(entry))
    key, shape = entry.header.test_fingerprint, record.dataset.image_shape

    def images(hashes: Sequence[str]) -> dict[str, NDArray[np.uint8]]:
        return {} if pixels is None else pixels(key, hashes, shape)

    return ExaminedRun(record, network, weights, predictions, hard, images)
