"""Predict the classes of images with a trained network, and their probabilities.

Images are prepared like the training images: same size, gray or RGB, same normalization.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

import numpy as np

from seedbed.data.images import ImageIdentities, content_hashes
from seedbed.data.readers.like import image_files, read_like
from seedbed.report.predicted import predicted
from seedbed.report.renderers.formats import FORMATS
from seedbed.study.store.network import StoredNetwork
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
        "--format",
        choices=FORMATS,
        default="text",
        help="output format (default: %(default)s); CSV and JSON have all probabilities",
    )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed predict``."""
    trained = StoredNetwork.load(arguments.run)
    record = trained.record
    files = image_files(arguments.images)
    batches = [files[start : start + BATCH] for start in range(0, len(files), BATCH)]
    logits, hashes = [], []
    for batch in batches:
        images = read_like(batch, record.dataset.image_shape)
        logits.append(trained.logits(images))
        hashes.append(content_hashes(images))
    identities = ImageIdentities(np.array(list(map(str, files))), np.concatenate(hashes))
    report = predicted(identities, probabilities(np.concatenate(logits)), record.class_names)
    sys.stdout.write(FORMATS[arguments.format](report))
    return 0
