"""A run that this user may not read, and a folder of runs on another disk."""

import os
from pathlib import Path
from typing import Any

import pytest

from fake_engine import FakeEngine
from small import Remembering, contents, run_small, runs, small_study


def test_a_run_that_cannot_be_read_is_left_out_and_the_others_are_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = small_study(tmp_path / "data", seeds="2")
    store = run_small(spec, tmp_path / "study")
    folder = runs(store)[0].folder
    (runs(store)[1].folder / "run.json").unlink()
    scandir = os.scandir

    def refuse(path: Any) -> Any:
        if Path(path) == folder:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    engine, monitor = FakeEngine(), Remembering()
    run_small(spec, store.folder, engine, monitor)
    assert {seed for seed, _ in engine.trained} == {1}
    (left_out,) = [notice for notice in monitor.notices if "left out" in notice]
    assert folder.name in left_out


def test_the_runs_may_be_elsewhere(tmp_path: Path) -> None:
    spec = small_study(tmp_path / "data", seeds="1")
    (tmp_path / "disk").mkdir()
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "runs").symlink_to(tmp_path / "disk", target_is_directory=True)
    store = run_small(spec, tmp_path / "study", checkpoint_interval=60)
    assert contents(store) == contents(run_small(spec, tmp_path / "reference"))
    assert {path.name for path in (tmp_path / "disk").iterdir()} == set(store.run_ids())
