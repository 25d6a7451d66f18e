"""``seedbed figures``."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import summaries
from made_entries import made_entry
from seedbed.analysis.summary_file import write_summary
from seedbed.cli.main import main


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
    assert output.err.count("\n") == 1
    assert "are not in the embedded font" in output.err
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
    assert error.startswith("9 configurations are too many for a legend")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["noise-response"], "chart noise-response: there is nothing to draw"),
        (["--width", "0"], "width: cannot draw figures of 0 cm; expected 5 to 40"),
        (["--width", "nan"], "width: cannot draw figures of nan cm"),
        (["--only", "learning_rate=7"], "no configuration has this value"),
    ],
)
def test_bad_options_are_one_line(
    folder: Path,
    tmp_path: Path,
    words: list[str],
    expected: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["figures", str(folder), *words, "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err
    assert expected in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_an_unknown_chart_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["figures", str(folder), "pie"]) == 2
    error = capsys.readouterr().err
    assert "unknown chart 'pie'" in error
    assert error.count("\n") == 1


def test_a_study_without_a_finished_run_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = made_entry(runs=0)
    nothing = ("confusion", "roc_curves", "calibration", "auc", "class_names")
    write_summary(tmp_path, [entry | dict.fromkeys(nothing)])
    assert main(["figures", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "no run has finished, so there is nothing to draw" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "figures").exists()


def test_a_place_that_cannot_be_written_is_one_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("here", encoding="utf-8")
    words = ["accuracy", "--out", str(tmp_path / "file")]
    assert main(["figures", str(folder), *words]) == 2
    error = capsys.readouterr().err
    assert re.search(r"file: cannot write it: .*\(choose another folder with --out\)", error)
    assert error.count("\n") == 1


def test_only_this_command_imports_what_draws(folder: Path) -> None:
    script = (
        "import sys; from seedbed.cli.main import main; main(['table', sys.argv[1]]); "
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=True
    )
    assert not {"altair", "vl_convert", "fontTools"} & set(done.stderr.split())
