"""Predict the classes of images with a trained network, and their probabilities.

Images are prepared like the training images: same size, gray or RGB, same normalization. With
``--all-runs``, the probabilities are the mean over all finished runs of a study.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

import numpy as np

from seedbed.core.errors import StoreError
from seedbed.data.images import ImageIdentities, content_hashes
from seedbed.data.readers.like import image_files, read_like
from seedbed.report.predicted import predicted
from seedbed.report.renderers.formats import FORMATS
from seedbed.study.results import read_results
from seedbed.study.store.network import StoredNetwork
from seedbed.study.store.study import StudyStore
from seedbed.training.metrics import probabilities

BATCH: Final = 1000
"""Images in memory at once."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed predict``."""
    parser.add_argument(
        "run",
        type=Path,
        metavar="RUN",
        help="the folder of a run, such as studies/mnist/runs/lenet5-3f9a0c12de-seed0",
    )
    parser.add_argument(
        "images", type=Path, nargs="+", metavar="IMAGE", help="an image, or a folder of images"
    )
    parser.add_argument(
        "--all-runs",
        action="store_true",
        help="RUN is a study of one configuration: use all of its finished runs together",
    )
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="text",
        help="output format (default: %(default)s); CSV and JSON have all probabilities",
    )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed predict``."""
    networks = _networks(arguments.run, all_runs=arguments.all_runs)
    record = networks[0].record
    files = image_files(arguments.images)
    batches = [files[start : start + BATCH] for start in range(0, len(files), BATCH)]
    means, hashes = [], []
    for batch in batches:
        images = read_like(batch, record.dataset.image_shape)
        means.append(np.mean([probabilities(of.logits(images)) for of in networks], axis=0))
        hashes.append(content_hashes(images))
    identities = ImageIdentities(np.array(list(map(str, files))), np.concatenate(hashes))
    report = predicted(identities, np.concatenate(means), record.class_names, len(networks))
    sys.stdout.write(FORMATS[arguments.format](report))
    return 0


def _networks(folder: Path, *, all_runs: bool) -> list[StoredNetwork]:
    """Return the network of a run, or those of all finished runs of a study.

    Raises:
        StoreError: If there is no such run or study, or the study has several configurations.
    """
    if not all_runs:
        return [StoredNetwork.load(folder)]
    store = StudyStore(folder)
    configurations = read_results(store).configurations
    if len(configurations) > 1:
        raise StoreError(
            f"has {len(configurations)} configurations",
            where=str(folder),
            expected="a study of one, whose runs can be used together",
            hint="name a run: " + ", ".join(str(path) for path in _first_runs(store)),
        )
    runs = configurations[0].finished
    if not runs:
        raise StoreError("no run has finished", where=str(folder))
    return [StoredNetwork.load(store.run(run.record.id).folder) for run in runs]


def _first_runs(store: StudyStore) -> list[Path]:
    return [store.run(run_id).folder for run_id in store.run_ids()[:3]]
