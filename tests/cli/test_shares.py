"""``seedbed run --share K/N``: parts of a study, trained one after the other or elsewhere."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fake_engine import FakeEngine
from seedbed.cli.main import main
from seedbed.engines.registry import ENGINES
from seedbed.study.store.study import StudyStore
from small import contents, small_study

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(ENGINES, "native", FakeEngine)
    file = tmp_path / "small.toml"
    spec = small_study(tmp_path / "data", seeds="5", epochs=2)
    file.write_text(spec.to_toml(), encoding="utf-8")
    return file


def seeds(folder: Path) -> list[int]:
    return sorted(int(path.name.rpartition("seed")[2]) for path in (folder / "runs").iterdir())


def test_shares_make_the_whole_study_in_any_order(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = study.parent / "out"
    assert main(["run", "small.toml", "--share", "2/2", "--out", "out"]) == 0
    output = capsys.readouterr()
    assert seeds(folder) == [1, 3]
    first, last = output.out.splitlines()
    assert "Share 2/2: 2 of 2 runs done, 2 of them now." in first
    assert "0 of 3 runs" in first
    assert "out/" in last
    assert "2 runs to train" in output.err
    assert not list(folder.glob("summary.json")) + list(folder.glob("report.html"))

    # What is stored does not move the split: the other share has the same runs as before.
    assert main(["run", "small.toml", "--share", "1/2", "--out", "out", "--quiet"]) == 0
    first, last = capsys.readouterr().out.splitlines()
    assert first == "Share 1/2: 3 of 3 runs done, 3 of them now."
    assert "seedbed report out" in last
    assert seeds(folder) == [0, 1, 2, 3, 4]

    assert main(["run", "small.toml", "--share", "1/2", "--out", "out", "--quiet"]) == 0
    assert "3 of 3 runs done, 0 of them now." in capsys.readouterr().out
    assert main(["run", "small.toml", "--out", "whole", "--quiet"]) == 0
    assert contents(StudyStore(folder)) == contents(StudyStore(study.parent / "whole"))


def test_a_share_without_runs_is_no_mistake(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(study), "--share", "7/9", "--out", "out", "--quiet"]) == 0
    assert capsys.readouterr().out.startswith("Share 7/9 has no runs: the study has 5 runs.")


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_the_array_job_of_the_docs_runs_its_share(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "docs" / "machines.md").read_text(encoding="utf-8")
    scripts = re.findall(r"^```bash\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    (script,) = (each for each in scripts if "--array" in each)
    tool = study.parent / "bin" / "seedbed"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    tool.chmod(0o755)
    job = {"SLURM_ARRAY_TASK_ID": "2", "SLURM_CPUS_PER_TASK": "1", "HOME": str(study.parent)}
    path = f"{tool.parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-eu", "-c", script],
        env={**os.environ, **job, "PATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    words = done.stdout.splitlines()
    assert words[:2] == ["run", "study.toml"]
    assert main(["run", "small.toml", *words[2:]]) == 0
    assert capsys.readouterr().out.startswith("Share 2/8: 1 of 1 run done, 1 of them now.")
    assert seeds(study.parent / "studies" / "mine") == [1]
    assert re.findall(r"#SBATCH --array=1-(\d+)", script) == ["8"]


@pytest.mark.parametrize("share", ["0/2", "3/2", "2", "x/2"])
def test_a_bad_share_is_one_line(
    share: str, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["run", str(study), "--share", share])
    assert stopped.value.code == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert f"'{share}'" in error
    assert "--share" in error
    assert not (study.parent / "studies").exists()
