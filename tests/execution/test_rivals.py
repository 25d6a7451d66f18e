"""Several processes train one study: each run once, and with the same bits."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seedbed.engines.native.engine import NativeEngine
from seedbed.study.spec.study import StudySpec
from seedbed.study.store.study import StudyStore
from small import Remembering, contents, run_small, runs, small_study

HELPERS = Path(__file__).parents[1] / "helpers"
SOURCES = Path(__file__).parents[2] / "src"
RIVAL = """
import json, sys
from pathlib import Path
from fake_engine import FakeEngine
from seedbed.study.spec.reader import load_study
from small import Remembering, run_small

engine, monitor = FakeEngine(delay=float(sys.argv[3])), Remembering()
print("ready", flush=True)
sys.stdin.readline()
run_small(load_study(sys.argv[1]), Path(sys.argv[2]), engine, monitor, threads=1)
print(json.dumps([engine.trained, monitor.notices]))
"""


@pytest.fixture
def spec(tmp_path: Path) -> StudySpec:
    spec = small_study(tmp_path / "data", seeds="8")
    (tmp_path / "small.toml").write_text(spec.to_toml(), encoding="utf-8")
    return spec


def rival(folder: Path, delay: float = 0.01) -> "subprocess.Popen[str]":
    """Start a process that waits for a line before it trains the study."""
    process = subprocess.Popen(
        [sys.executable, "-c", RIVAL, folder / "small.toml", folder / "study", str(delay)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{HELPERS}{os.pathsep}{SOURCES}"},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def go(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def wait_for(store: StudyStore, pattern: str, count: int) -> None:
    deadline = time.monotonic() + 60
    while len(list(store.runs_folder.glob(pattern))) < count:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("count", [2, 3])
def test_rivals_train_each_run_once(count: int, spec: StudySpec, tmp_path: Path) -> None:
    rivals = [rival(tmp_path) for _ in range(count)]
    for process in rivals:
        go(process)
    trained: list[list[int]] = []
    shares = []
    for process in rivals:
        out, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        mine, notices = json.loads(out)
        shares.append(len(mine))
        trained += mine
        assert all("being trained by another process" in notice for notice in notices)
    assert sorted(trained) == [[seed, epoch] for seed in range(8) for epoch in range(1, 5)]
    assert min(shares) > 0
    assert contents(StudyStore(tmp_path / "study")) == contents(
        run_small(spec, tmp_path / "reference")
    )


def test_a_rival_leaves_what_another_trains_and_says_who_that_is(
    spec: StudySpec, tmp_path: Path
) -> None:
    store = StudyStore(tmp_path / "study")
    with rival(tmp_path, delay=1000) as slow:
        go(slow)
        wait_for(store, "*/run.json", 1)
        monitor = Remembering()
        begun = time.monotonic()
        run_small(spec, store.folder, monitor=monitor, threads=1)
        assert time.monotonic() - begun < 30
        assert len(list(store.runs_folder.glob("*/weights.safetensors"))) == 7
        (notice,) = monitor.notices
        assert f"pid {slow.pid} on " in notice
        assert [call for call in monitor.calls if call[0] == "released"] == [("released", 0)]
        slow.kill()
    # The lock of a killed process is free at once.
    monitor = Remembering()
    run_small(spec, store.folder, monitor=monitor)
    assert (len(monitor.begun), monitor.ended_before, monitor.notices) == (1, 7, [])
    assert contents(store) == contents(run_small(spec, tmp_path / "reference"))


def test_what_a_killed_rival_had_begun_is_taken_over(spec: StudySpec, tmp_path: Path) -> None:
    store = StudyStore(tmp_path / "study")
    killed, survivor = rival(tmp_path, delay=0.05), rival(tmp_path, delay=0.02)
    go(killed)
    wait_for(store, "*/checkpoint.safetensors", 1)
    go(survivor)
    wait_for(store, "*/weights.safetensors", 2)
    killed.send_signal(signal.SIGKILL)
    out, _ = survivor.communicate(timeout=120)
    killed.communicate()
    assert survivor.returncode == 0
    mine, notices = json.loads(out)
    assert notices == []
    assert len(runs(store)) == 8
    assert len({tuple(each) for each in mine}) == len(mine)
    assert contents(store) == contents(run_small(spec, tmp_path / "reference"))


NATIVE = """
import sys
from pathlib import Path
from seedbed.engines.native.engine import NativeEngine
from seedbed.study.spec.reader import load_study
from small import run_small

run_small(load_study(sys.argv[1]), Path(sys.argv[2]), NativeEngine(), threads=2)
"""


def test_rivals_that_are_killed_again_and_again_lose_nothing(tmp_path: Path) -> None:
    spec = small_study(
        tmp_path / "data", seeds="4", epochs=150, more="augmentation = { shift = 1 }"
    )
    (tmp_path / "small.toml").write_text(spec.to_toml(), encoding="utf-8")
    store = StudyStore(tmp_path / "study")
    killed = 0
    for count in (1, 2, 3):
        rivals = [
            subprocess.Popen(
                [sys.executable, "-c", NATIVE, tmp_path / "small.toml", store.folder],
                env={**os.environ, "PYTHONPATH": f"{HELPERS}{os.pathsep}{SOURCES}"},
            )
            for _ in range(3)
        ]
        wait_for(store, "*/history.jsonl", count)
        for process in rivals:
            process.send_signal(signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
    assert killed > 0
    run_small(spec, store.folder, NativeEngine())
    assert contents(store) == contents(run_small(spec, tmp_path / "reference", NativeEngine()))
