"""Ray on one machine, as a user starts it: ``seedbed run STUDY --executor ray``."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from seedbed.engines.native.engine import NativeEngine
from seedbed.study.store.study import StudyStore
from small import contents, run_small, small_study


def test_ctrl_c_ends_it_within_seconds_and_the_same_command_resumes(tmp_path: Path) -> None:
    spec = small_study(tmp_path / "data", seeds="2", epochs=1500)
    file, folder = tmp_path / "small.toml", tmp_path / "study"
    file.write_text(spec.to_toml(), encoding="utf-8")
    command = [sys.executable, "-m", "seedbed", "run", str(file), "--out", str(folder), "--quiet"]
    process = subprocess.Popen(
        [*command, "--executor", "ray"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not list(folder.glob("runs/*/checkpoint.safetensors")):
        assert process.poll() is None
        time.sleep(0.05)
    pressed = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does it
    out, err = process.communicate(timeout=60)
    assert time.monotonic() - pressed < 10
    assert process.returncode == 128 + signal.SIGINT
    assert out == ""
    assert err.startswith("seedbed: stopped; 0 of 2 runs done; ")
    assert err.count("\n") == 1
    local = run_small(spec, tmp_path / "local", NativeEngine(), checkpoint_interval=1.0)
    assert run_small(spec, folder, NativeEngine(), checkpoint_interval=1.0).folder == folder
    assert contents(StudyStore(folder)) == contents(local)
