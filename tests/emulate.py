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
from pathlib import Path

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
    arguments = parser.parse_args()
    data_root = Path(os.environ["SEEDBED_DATA"])

    def record(case: Case, file: Path) -> None:
        dataset = seedbed.load_dataset(case.dataset, data_root=data_root)
        with Tape(file) as tape:
            for seed in range(case.seeds):
                seedbed.train(
                    case.network,
                    case.recipe,
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


if __name__ == "__main__":
    sys.exit(main())
