"""The features of the networks of a page as clouds of points, which its script draws."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from seedbed.analysis.entry import Entry
from seedbed.analysis.subjects.features.inquiry import FeatureInquiry
from seedbed.analysis.subjects.features.result import feature_space
from seedbed.analysis.subjects.looks.shown import shown_networks
from seedbed.core.errors import StoreError
from seedbed.display.escape import printable, without_folders
from seedbed.study.store.names import PREDICTIONS
from seedbed.study.store.run import DamagedRunError
from seedbed.study.store.study import StudyStore

MOST_CLOUDS: Final = 8
"""Configurations whose points a page carries, about 30 kB each."""
FEATURES: Final = FeatureInquiry()
STEPS: Final = 500
"""From the center to the point that is furthest away, along an axis."""


def find_clouds(folders: Sequence[Path], entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return the points of the first run of each configuration that a page shows.

    Those are one configuration of each network; where there is only one network, the first ones.

    Args:
        folders: Of the study of each entry.
        entries: In the order of the page.

    Returns:
        Of each its ``place`` among the entries, ``label`` and ``run``; of M images their ``index``
        in the test split, ``name``, ``x``, ``y`` and ``z`` from -500 to 500, ``true`` and
        ``predicted`` class; and ``explained``, the fraction of the variance along x, y and z.

    """
    clouds = (
        _cloud(StudyStore(folders[place]), entries[place], place) for place in _shown(entries)
    )
    return [cloud for cloud in clouds if cloud is not None]


def _shown(entries: Sequence[Entry]) -> list[int]:
    known = [place for place, entry in enumerate(entries) if feature_space(entry)]
    networks = shown_networks(entries)
    return [place for place in known if len(networks) == 1 or place in networks][:MOST_CLOUDS]


def _cloud(store: StudyStore, entry: Entry, place: int) -> dict[str, Any] | None:
    for seed in entry.header.seeds:
        run = store.run(f"{entry.header.id}-seed{seed}")
        try:
            stored = run.load()
        except (DamagedRunError, StoreError):  # the summary, which is older, names it
            continue
        if stored is None or PREDICTIONS not in stored.record.files:
            continue
        contents = run.read_answers(FEATURES.file)
        features = FEATURES.read(contents, stored.record.weights_sha256)
        if features is None:
            continue
        logits, labels = run.predictions()
        names = run.identities().names[features.index].tolist()
        steps = np.rint(features.coordinates.astype(np.float64) * STEPS).astype(int)
        return {
            "place": place,
            "label": entry.header.label,
            "run": entry.header.run_name(seed),
            "index": features.index.tolist(),
            "name": [printable(without_folders(name)) for name in names],
            **{axis: steps[:, number].tolist() for number, axis in enumerate("xyz")},
            "true": labels[features.index].tolist(),
            "predicted": logits[features.index].argmax(axis=1).tolist(),
            "explained": [round(share, 4) for share in features.explained.tolist()],
        }
    return None
