"""Export a trained network for PyTorch or as ONNX.

The exported network takes images as pixel / 255, float32 N×C×H×W, and returns logits. The file is
read back and checked on test images: its logits must be those that the run has stored.
"""

import argparse
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from seedbed.core.errors import MissingExtra, StoreError
from seedbed.core.files import write_atomically
from seedbed.core.suggestions import unknown
from seedbed.display.escape import printable
from seedbed.study.plan import plan_runs
from seedbed.study.store.dataset import reload_dataset
from seedbed.study.store.network import StoredNetwork
from seedbed.study.store.study import StudyStore

CHECKED: Final = 500
"""Test images whose logits are compared."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of ``seedbed export``."""
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="results of a study, such as studies/mnist"
    )
    parser.add_argument("run", metavar="RUN", help="the name of a folder in DIR/runs")
    parser.add_argument(
        "--to", choices=("onnx", "torch"), required=True, help="ONNX, or a torch.export program"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="file to write (default: RUN.onnx or RUN.pt2 in the current folder)",
    )
    parser.add_argument(
        "--data-root", type=Path, metavar="DIR", help="folder to search for datasets first"
    )


def main(arguments: argparse.Namespace) -> int:
    """Run ``seedbed export``."""
    store, name = StudyStore(arguments.folder), arguments.run
    planned = {run.id: run for run in plan_runs(store.read_study())}
    if name not in planned:
        raise StoreError(unknown("run", name, planned), where=str(arguments.folder))
    run = store.run(name)
    trained = StoredNetwork.load(run.folder)
    if find_spec("torch") is None:
        raise MissingExtra("torch", "export")
    record, spec = trained.record, planned[name].configuration.dataset
    test = reload_dataset(spec, record.dataset.source, arguments.data_root).test
    logits, _ = run.predictions()
    # Importing PyTorch takes seconds.
    exporting = import_module("seedbed.engines.torch.export")
    module = exporting.trained_module(trained.network, record.dataset.image_shape, trained.weights)
    contents = exporting.export(
        arguments.to,
        exporting.Program(module, trained.normalization),
        test.images[:CHECKED],
        logits[:CHECKED],
    )
    file = arguments.out or Path(f"{name}{exporting.ENDINGS[arguments.to]}")
    write_atomically(file, contents)
    count = min(CHECKED, len(test))
    print(f"Wrote {printable(str(file))}: its logits match those stored for {count} test images")
    return 0
