"""Predict the classes of images with a trained network, with the probability of each class.

Images are prepared like those that it was trained on: same size, gray or RGB, same normalization.
"""

import argparse
import sys
from pathlib import Path
from typing import Final

import numpy as np

from seedbed.data.readers.like import image_files, read_like
from seedbed.report.predicted import predicted
from seedbed.report.renderers.formats import FORMATS
from seedbed.study.store.network import StoredNetwork
from seedbed.training.metrics import probabilities

AT_ONCE: Final = 1000
"""Images in memory at a time."""


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
        help="how to write it (default: text); CSV and JSON hold the probabilities of all classes",
    )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed predict``."""
    trained = StoredNetwork.load(arguments.run)
    record = trained.record
    files = image_files(arguments.images)
    parts = [files[start : start + AT_ONCE] for start in range(0, len(files), AT_ONCE)]
    found = [trained.logits(read_like(part, record.dataset.image_shape)) for part in parts]
    report = predicted(
        list(map(str, files)), probabilities(np.concatenate(found)), record.class_names
    )
    sys.stdout.write(FORMATS[arguments.format](report))
    return 0
