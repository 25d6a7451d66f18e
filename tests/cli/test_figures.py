"""``seedbed figures``."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import summaries
from commands import Refused
from made_entries import made_entry
from seedbed.analysis.registry import charts, pictures
from seedbed.analysis.summary_file import write_summary
from seedbed.cli.main import main
from seedbed.core.errors import StoreError, StudyError
from seedbed.core.suggestions import unknown


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return summaries.hostile(tmp_path_factory.mktemp("study"))


def test_all_charts_are_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a" / "b"
    assert main(["figures", str(folder), "--out", str(out)]) == 0
    written = sorted(out.iterdir())
    assert {each.suffix for each in written} == {".svg"}
    names = [each.stem for each in written]
    assert {"accuracy", "accuracy-curves", "loss-curves", "comparisons"} <= set(names)
    assert sum(name.startswith("confusion-") for name in names) == 2
    output = capsys.readouterr()
    assert output.out == f"{len(written)} figures are in {out}\n"
    assert output.err.count("\n") == 1  # the characters that the embedded font does not have
    assert "运" in output.err


@pytest.mark.parametrize(("form", "start"), [("pdf", b"%PDF"), ("png", b"\x89PNG")])
def test_one_chart_in_another_format(
    folder: Path, tmp_path: Path, form: str, start: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["accuracy", "--format", form, "--out", str(tmp_path)]
    assert main(["figures", str(folder), *words]) == 0
    assert [each.name for each in tmp_path.iterdir()] == [f"accuracy.{form}"]
    assert (tmp_path / f"accuracy.{form}").read_bytes().startswith(start)
    assert capsys.readouterr().out == f"1 figure is in {tmp_path}\n"


def test_they_go_beside_the_study_by_default(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = shutil.copytree(folder, tmp_path / "copy")
    before = (copy / "summary.json").read_bytes()
    assert main(["figures", str(copy), "accuracy"]) == 0
    assert (copy / "figures" / "accuracy.svg").is_file()
    assert (copy / "summary.json").read_bytes() == before


def test_only_some_configurations(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    only = ["--only", "learning_rate=0.05", "--out", str(tmp_path)]
    assert main(["figures", str(folder), "confusion", "accuracy", *only]) == 0
    assert {each.name for each in tmp_path.iterdir()} == {"confusion.svg", "accuracy.svg"}
    picture = (tmp_path / "accuracy.svg").read_text(encoding="utf-8")
    assert "learning_rate=0.05" in picture
    assert "learning_rate=0.01" not in picture


def test_too_many_configurations_for_a_legend_are_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_summary(tmp_path, [made_entry(f"number {each}") for each in range(9)])
    assert main(["figures", str(tmp_path), "accuracy-curves"]) == 0
    error = capsys.readouterr().err
    assert error.startswith("9 configurations")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (["noise-response"], "chart noise-response"),
        (["--width", "0"], "width"),
        (["--width", "nan"], "width"),
        (["--width", "iee"], "width"),
        (["--width", "8,5"], "width"),
        (["--only", "learning_rate=7"], "--only learning_rate=7"),
    ],
)
def test_bad_options_are_one_line(
    folder: Path, tmp_path: Path, words: list[str], where: str, refused: Refused
) -> None:
    error = refused("figures", folder, *words, "--out", tmp_path / "out")
    assert isinstance(error, StudyError)
    assert error.where == where
    assert not (tmp_path / "out").exists()


def test_an_unknown_chart_is_one_line(folder: Path, refused: Refused) -> None:
    assert refused("figures", folder, "pie").what == unknown(
        "chart", "pie", [*charts(), *pictures()]
    )


def test_a_study_without_a_finished_run_is_one_line(tmp_path: Path, refused: Refused) -> None:
    entry = made_entry(runs=0)
    nothing = ("confusion", "roc_curves", "calibration", "auc", "class_names")
    write_summary(tmp_path, [entry | dict.fromkeys(nothing)])
    assert isinstance(refused("figures", tmp_path), StoreError)
    assert not (tmp_path / "figures").exists()


def test_a_folder_that_cannot_be_written_is_one_line(
    folder: Path, tmp_path: Path, refused: Refused
) -> None:
    (tmp_path / "file").write_text("here", encoding="utf-8")
    error = refused("figures", folder, "accuracy", "--out", tmp_path / "file")
    assert isinstance(error, StoreError)
    assert error.where == str(tmp_path / "file")
    assert "--out" in error.hint


def test_only_this_command_imports_what_draws(folder: Path) -> None:
    script = (
        "import sys; from seedbed.cli.main import main; main(['table', sys.argv[1]]); "
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=True
    )
    assert not {"altair", "vl_convert", "fontTools"} & set(done.stderr.split())
