"""``seedbed compare``."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from benchmarks.invented import InventedEngine

import summaries
from commands import Refused
from made_entries import made_entries
from made_errors import NAMELESS
from seedbed.analysis.entry import Entry
from seedbed.analysis.summary.study import refresh_summary
from seedbed.analysis.summary_file import FORMAT, write_summary
from seedbed.cli.main import main
from seedbed.core.errors import DataError, StoreError, StudyError
from seedbed.report.page.details import MOST
from sentences import Sentence
from small import run_small, small_study, write_images


def study(folder: Path, name: str, *, data: Path, **changes: Any) -> Path:
    spec = small_study(data, epochs=1, **changes)
    return run_small(spec, folder / name, InventedEngine()).folder


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two studies of the same images, of one and of two configurations."""
    folder = tmp_path_factory.mktemp("studies")
    data = folder / "data"
    grid = ["recipe.learning_rate=[0.05, 0.01]"]
    return {
        "data": data,
        "one": study(folder, "one", data=data, settings=["name=first"]),
        "grid": study(folder, "grid", data=data, settings=["name=second", *grid]),
    }


def compare(capsys: pytest.CaptureFixture[str], *words: Path | str) -> str:
    assert main(["compare", *map(str, words)]) == 0
    output = capsys.readouterr()
    assert output.err == ""
    return output.out


def test_two_studies_on_one_page(
    studies: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "both.html"
    text = compare(capsys, studies["one"], studies["grid"], "--out", out)
    rows = [line.partition("  ")[0] for line in text.splitlines()]
    assert "first" in rows  # the only configuration of its study
    assert "second: learning_rate=0.05" in rows
    assert text.splitlines()[-1].endswith(str(out))
    page = out.read_text(encoding="utf-8")
    for label in ("first", "second: learning_rate=0.05", "second: learning_rate=0.01"):
        assert label in page
    assert list(tmp_path.iterdir()) == [out]


def test_studies_of_the_same_name_are_told_apart_by_their_folders(
    studies: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = studies["data"]
    settings = ["name=first", "recipe.learning_rate=0.02"]
    other = study(tmp_path, "other", data=data, settings=settings)
    text = compare(capsys, studies["one"], other, "--out", tmp_path / "page.html")
    assert text.startswith("Accuracy after the last epoch (1): one and other")
    settings[1] = "recipe.learning_rate=0.03"
    namesake = study(tmp_path / "deep", "one", data=data, settings=settings)
    text = compare(capsys, studies["one"], namesake, "--out", tmp_path / "page.html")
    assert f"\n{namesake}  " in text


def test_the_page_says_that_the_images_are_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sentence: Sentence
) -> None:
    data = write_images(tmp_path / "data").parent
    folders = [
        study(tmp_path, name, data=data, settings=[f"name={name}", f"recipe.learning_rate={rate}"])
        for name, rate in (("a", 0.05), ("b", 0.01))
    ]
    for folder in folders:
        # What trains in tests makes no errors, and without errors no image is missed.
        hard = {
            **NAMELESS,
            "true": "0",
            "predicted": "1",
            "probability": 0.9,
            "n_wrong": 1,
            "loss": 2.0,
        }
        entries = refresh_summary(folder)
        entries[0]["hard_examples"]["examples"] = [{"index": 4, **hard}]
        write_summary(folder, entries)
    out = tmp_path / "page.html"
    assert str(data) not in compare(capsys, *folders, "--out", out)
    assert "background-image: url(data:image/webp;base64," in out.read_text(encoding="utf-8")
    shutil.rmtree(data)
    text = compare(capsys, *folders, "--out", out)
    *_, images, written = text.splitlines()
    assert str(data / "images.npz") in images
    sentence(f"{images}\n{written}")
    page = out.read_text(encoding="utf-8")
    assert "background-image: url(data:image/webp;base64," not in page


def test_pictures_that_reports_have_shown_outlive_the_dataset(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = summaries.write_study(tmp_path / "a", name="a", test_images=60, margin=4)
    data = f'{{ path = "{tmp_path / "a" / "data" / "images.npz"}" }}'
    second = summaries.write_study(
        tmp_path / "b", name="b", dataset=data, margin=5, axes="learning_rate = 0.02"
    )
    for folder in (first, second):
        assert main(["report", str(folder)]) == 0
    shutil.rmtree(tmp_path / "a" / "data")
    capsys.readouterr()
    for folder in (first, second):
        before = (folder / "report.html").read_bytes()
        assert main(["report", str(folder)]) == 0
        assert (folder / "report.html").read_bytes() == before
        assert "only images that earlier reports have shown" in capsys.readouterr().out
        assert main(["table", str(folder), "misclassified"]) == 0
    out = tmp_path / "page.html"
    text = compare(capsys, first, second, "--out", out)
    assert "only images that earlier pages have shown" in text
    page = out.read_text(encoding="utf-8")
    assert "background-image: url(data:image/webp;base64," in page
    assert str(tmp_path) not in page


def test_predictions_of_other_tools(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_summary(tmp_path / name, [made_entries(f"net <{name}>")[0]])
    out = tmp_path / "page.html"
    text = compare(capsys, tmp_path / "a", tmp_path / "b", "--out", out)
    assert "a: net <a>" in text
    page = out.read_text(encoding="utf-8")
    assert "net &lt;a&gt;" in page
    assert "net <a>" not in page


def test_of_many_configurations_some_are_shown_and_none_is_left_out_in_silence(
    studies: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rates = [number / 1000 for number in range(1, MOST + 1)]
    many = study(tmp_path, "many", data=studies["data"], settings=[f"recipe.learning_rate={rates}"])
    out = tmp_path / "page.html"
    text = compare(capsys, studies["one"], many, "--out", out)
    assert text.splitlines()[2].startswith("setting ")  # effects lead
    assert f"Of {MOST + 1} configurations, {MOST} are shown in detail" in text
    page = out.read_text(encoding="utf-8")
    assert f"Of {MOST + 1} configurations, {MOST} are shown in detail" in page
    assert all(f"{rate:g}" in page for rate in rates)


def test_one_study_is_not_compared(studies: dict[str, Path], refused: Refused) -> None:
    assert isinstance(refused("compare", studies["one"]), StudyError)


def test_the_same_study_twice(studies: dict[str, Path], tmp_path: Path, refused: Refused) -> None:
    one = studies["one"]
    assert refused("compare", one, one).where == str(one)
    indirect = one / ".." / "one"
    error = refused("compare", one, indirect)
    assert error.where == str(indirect)
    assert str(one) in error.what
    copy = shutil.copytree(one, tmp_path / "copy")
    error = refused("compare", one, copy)
    assert error.where == str(copy)
    assert str(one) in error.what


def test_other_test_images(studies: dict[str, Path], tmp_path: Path, refused: Refused) -> None:
    data = write_images(tmp_path / "data", count=90).parent
    spec = small_study(data, epochs=1)
    write_images(data, count=90)
    other = run_small(spec, tmp_path / "other", InventedEngine()).folder
    error = refused("compare", studies["one"], other)
    assert isinstance(error, DataError)
    assert error.where == str(other)
    assert "'lenet5'" in error.what


def test_no_study_and_no_finished_run(
    studies: dict[str, Path], tmp_path: Path, refused: Refused
) -> None:
    one = studies["one"]
    error = refused("compare", one, tmp_path / "nowhere")
    assert isinstance(error, StoreError)
    assert error.where == str(tmp_path / "nowhere")
    started = shutil.copytree(studies["grid"], tmp_path / "started")
    shutil.rmtree(started / "runs")
    error = refused("compare", one, started)
    assert isinstance(error, StoreError)
    assert error.where == str(started)
    (tmp_path / "diverged").mkdir()
    nothing = made_entries("lenet5", runs=0, diverged=[{"seed": 0, "epoch": 1}])
    write_summary(tmp_path / "diverged", nothing)
    assert refused("compare", one, tmp_path / "diverged").where == str(tmp_path / "diverged")


def test_a_summary_of_a_newer_version(
    studies: dict[str, Path], tmp_path: Path, refused: Refused
) -> None:
    newer = shutil.copytree(studies["grid"], tmp_path / "newer")
    write_summary(newer, [Entry({"format": FORMAT + 1})])
    error = refused("compare", studies["one"], newer)
    assert isinstance(error, StoreError)
    assert error.where == str(newer / "summary.json")


def test_a_page_that_cannot_be_written(
    studies: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "nowhere" / "page.html"
    assert main(["compare", *map(str, (studies["one"], studies["grid"], "--out", page))]) == 2
    error = capsys.readouterr().err  # the tables have been shown by then
    assert error.count("\n") == 1
    assert str(page) in error
    assert "--out" in error
