"""The bits of the kernels for NEON, under emulation: a compiler for AArch64 and QEMU, no Python.

Both are in Debian: ``apt install g++-aarch64-linux-gnu qemu-user``.
"""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from bit_cases import objective_hash, objectives, run_hash, runs
from neon import COMPILER, EMULATOR, build_replay
from seedbed.engines.native.engine import NativeEngine
from tape import Tape

LEFT_OUT: Final = re.compile(r"\d, stride|[a-z] and [a-z]|batches of|(resnet8|vit), (?!momentum)")
"""Emulation is slow: of hundreds of shapes of windows and pairs of activations, some are enough."""

pytestmark = [
    pytest.mark.timeout(1200),  # it compiles, too
    pytest.mark.skipif(
        not (shutil.which(COMPILER) and shutil.which(EMULATOR)),
        reason=f"needs {COMPILER} and {EMULATOR}",
    ),
    pytest.mark.skipif(not NativeEngine().facts.canonical, reason="no fused multiply-adds"),
]


@pytest.fixture(scope="module")
def replay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that repeats recorded calls, compiled as the modules are."""
    return build_replay(tmp_path_factory.mktemp("neon") / "replay")


def emulated(
    replay: Path, tape: Path, trainers: int, threads: int
) -> subprocess.CompletedProcess[str]:
    command = [EMULATOR, str(replay), str(tape), str(trainers), str(threads)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_neon_has_the_bits_of_this_processor(replay: Path, tmp_path: Path) -> None:
    chosen = {name: task for name, task in runs().items() if not LEFT_OUT.search(name)}
    with Tape(tmp_path / "tape") as tape:
        engine = tape.engine()
        for task in chosen.values():
            run_hash(engine, task)
        for _, task, given in objectives():
            objective_hash(engine, task, given)
    result = emulated(replay, tmp_path / "tape", trainers=2, threads=2)
    assert result.returncode == 0, result.stdout
    assert f"{len(chosen) + len(list(objectives()))} trainers" in result.stdout


@pytest.mark.parametrize(("trainers", "threads"), [(1, 1), (7, 1), (1, 3), (1, 7)])
def test_threads_change_no_bit(trainers: int, threads: int, replay: Path, tmp_path: Path) -> None:
    with Tape(tmp_path / "tape") as tape:
        for _, task, given in list(objectives())[::5]:
            objective_hash(tape.engine(), task, given)
        run_hash(tape.engine(), runs()["lenet5, momentum"])
    assert emulated(replay, tmp_path / "tape", trainers, threads).returncode == 0


def test_a_bit_that_differs_is_reported(replay: Path, tmp_path: Path) -> None:
    with Tape(tmp_path / "tape") as tape:
        _, task, given = next(objectives())
        objective_hash(tape.engine(), task, given)
    content = bytearray((tmp_path / "tape").read_bytes())
    content[-3] ^= 1  # in the loss, which is the last number
    (tmp_path / "tape").write_bytes(content)
    result = emulated(replay, tmp_path / "tape", trainers=1, threads=1)
    assert result.returncode == 1
    assert "trainer 0, call 0 differs" in result.stdout
