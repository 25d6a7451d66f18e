"""``seedbed table``."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from seedbed.cli.main import main
from small import run_small, small_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("study")
    return run_small(small_study(folder / "data", epochs=2), folder / "study").folder


@pytest.mark.parametrize("name", ["text", "markdown", "csv", "latex", "json"])
def test_every_format(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", str(folder), "--format", name]) == 0
    output = capsys.readouterr()
    assert output.out.endswith("\n")
    assert output.err == ""


def test_json_is_a_list_of_configurations(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", str(folder), "--format", "json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found["n"] == 3
    assert len(found["test_accuracy"]["runs"]) == 3


def test_a_folder_without_a_study_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["table", str(tmp_path)]) == 2
    assert "there is no study here" in capsys.readouterr().err


def test_a_table_needs_neither_kernels_nor_plots(folder: Path) -> None:
    script = (
        "import sys; from seedbed.cli.main import main; main(['table', sys.argv[1]])\n"
        "heavy = {'torch', 'sklearn', 'scipy', 'pyarrow', 'rich', 'seedbed.training.lanes'}\n"
        "sys.exit(repr(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.returncode == 0
