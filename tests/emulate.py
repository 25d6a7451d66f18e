"""Repeat whole runs with the kernels for NEON, under emulation: ``python tests/emulate.py``.

The cases of :mod:`benchmarks.bits` (two epochs of MNIST among them) are trained here, all calls of
the kernels are recorded, and a program for AArch64 repeats them under QEMU. The exit status is 1 if
any bit of weights, moments, averages, logits or losses differs. Every run has a trainer, and
threads share the trainers. Needs ``SEEDBED_DATA``, ``g++-aarch64-linux-gnu`` and ``qemu-user``.
"""

# ruff: noqa: T201 - a command
import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seedbed.data.images import DatasetSplits

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "helpers")]


def main() -> int:
    """Record and repeat."""
    from benchmarks.bits import Case, cases

    import seedbed
    from neon import EMULATOR, build_replay
    from tape import Tape

    known = {name: case for name, case in cases().items() if name != "quickstart-3-epochs"}
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("cases", nargs="*", help=f"all by default: {', '.join(known)}")
    parser.add_argument("--threads", type=int, nargs="+", default=[2], metavar="N")
    parser.add_argument("--seeds", type=int, metavar="N", help="fewer runs, for a quick look")
    parser.add_argument("--images", type=int, metavar="N", help="fewer of each split, likewise")
    arguments = parser.parse_args()
    data_root = Path(os.environ["SEEDBED_DATA"])

    def record(case: Case, file: Path) -> None:
        dataset = seedbed.load_dataset(case.dataset, data_root=data_root)
        with Tape(file) as tape:
            recipe = case.recipe
            if arguments.images is not None:
                dataset = fewer(dataset, arguments.images)
                recipe = recipe.model_copy(update={"train_size": None, "validation_size": 0})
            for seed in range(arguments.seeds or case.seeds):
                seedbed.train(
                    case.network,
                    recipe,
                    dataset,
                    [seed],
                    noise=case.noise,
                    engine=tape.engine(),
                )

    status = 0
    with tempfile.TemporaryDirectory() as name:
        replay = build_replay(Path(name) / "replay")
        for case in arguments.cases or known:
            tape = Path(name) / case
            record(known[case], tape)
            for threads in arguments.threads:
                started = time.monotonic()
                command = [EMULATOR, str(replay), str(tape), str(threads)]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                status |= done.returncode
                said = " ".join((done.stdout + done.stderr).splitlines()[-3:])
                seconds = time.monotonic() - started
                print(f"{case}, {threads} threads: {said} ({seconds:.0f} s)", flush=True)
            tape.unlink()
    return int(status != 0)


def fewer(dataset: "DatasetSplits", count: int) -> "DatasetSplits":
    """Return the first images of every split."""
    splits = {
        name: replace(
            split,
            images=split.images[:count],
            labels=split.labels[:count],
            names=split.names[:count],
        )
        for name, split in dataset.splits.items()
    }
    return replace(dataset, splits=splits)


if __name__ == "__main__":
    sys.exit(main())
