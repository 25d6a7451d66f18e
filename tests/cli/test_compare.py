"""``seedbed compare``."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from benchmarks.invented import InventedEngine

from made_entries import made_entries
from seedbed.analysis.summary.study import refresh_summary
from seedbed.analysis.summary_file import FORMAT, write_summary
from seedbed.cli.main import main
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


def refused(capsys: pytest.CaptureFixture[str], *words: Path | str) -> str:
    assert main(["compare", *map(str, words)]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.count("\n") == 1
    return output.err


def test_two_studies_on_one_page(
    studies: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "both.html"
    text = compare(capsys, studies["one"], studies["grid"], "--out", out)
    assert "first and second (3 configurations) on " in text
    assert "\nfirst  " in text  # alone in its study, and called after its network
    assert "\nsecond: learning_rate=0.05  " in text
    assert "differences in test accuracy" in text
    assert "Holm's correction covers the 3 tests shown" in text
    assert text.endswith(f"The page is in {out}\n")
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
    assert "one and other (2 configurations)" in text
    settings[1] = "recipe.learning_rate=0.03"
    namesake = study(tmp_path / "deep", "one", data=data, settings=settings)
    text = compare(capsys, studies["one"], namesake, "--out", tmp_path / "page.html")
    assert f"\n{namesake}  " in text


def test_the_page_says_that_the_images_are_gone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_images(tmp_path / "data").parent
    folders = [
        study(tmp_path, name, data=data, settings=[f"name={name}", f"recipe.learning_rate={rate}"])
        for name, rate in (("a", 0.05), ("b", 0.01))
    ]
    for folder in folders:
        # What trains in tests makes no errors, and without errors no image is missed.
        hard = {"true": "0", "predicted": "1", "probability": 0.9, "n_wrong": 1, "loss": 2.0}
        entries = refresh_summary(folder)
        entries[0]["hard_examples"]["examples"] = [{"index": 4, **hard}]
        write_summary(folder, entries)
    out = tmp_path / "page.html"
    assert "no images" not in compare(capsys, *folders, "--out", out)
    assert "background-image: url(data:image/webp;base64," in out.read_text(encoding="utf-8")
    shutil.rmtree(data)
    text = compare(capsys, *folders, "--out", out)
    assert f"The page shows no images: {data / 'images.npz'}: " in text
    page = out.read_text(encoding="utf-8")
    assert "No images are shown" in page
    assert "background-image: url(data:image/webp;base64," not in page


def test_predictions_from_elsewhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_summary(tmp_path / name, [made_entries(f"net <{name}>")[0]])
    out = tmp_path / "page.html"
    text = compare(capsys, tmp_path / "a", tmp_path / "b", "--out", out)
    assert "a: net <a>" in text
    assert "The page shows no images: external predictions come without images" in text
    page = out.read_text(encoding="utf-8")
    assert "net &lt;a&gt;" in page
    assert "net <a>" not in page


def test_one_study_is_not_compared(
    studies: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "there is one study: nothing to compare it with" in refused(capsys, studies["one"])


def test_the_same_study_twice(
    studies: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = studies["one"]
    assert f"{one}: is given twice" in refused(capsys, one, one)
    roundabout = one / ".." / "one"
    assert f"is the same folder as {one}" in refused(capsys, one, roundabout)
    copy = shutil.copytree(one, tmp_path / "copy")
    assert f"{copy}: is a copy of {one} (name each study once)" in refused(capsys, one, copy)


def test_other_test_images(
    studies: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_images(tmp_path / "data", count=90).parent
    spec = small_study(data, epochs=1)
    write_images(data, count=90)
    other = run_small(spec, tmp_path / "other", InventedEngine()).folder
    error = refused(capsys, studies["one"], other)
    assert f"{other}: 'lenet5' has other test images" in error
    assert "expected one test split, with the same fingerprint" in error


def test_no_study_and_no_finished_run(
    studies: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = studies["one"]
    assert "there is no study here" in refused(capsys, one, tmp_path / "nowhere")
    begun = shutil.copytree(studies["grid"], tmp_path / "begun")
    shutil.rmtree(begun / "runs")
    assert "no run of this study has finished yet" in refused(capsys, one, begun)
    (tmp_path / "diverged").mkdir()
    nothing = made_entries("lenet5", runs=0, diverged=[{"seed": 0, "epoch": 1}])
    write_summary(tmp_path / "diverged", nothing)
    assert "no run of this study has finished, so" in refused(capsys, one, tmp_path / "diverged")


def test_a_summary_of_a_newer_version(
    studies: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    newer = shutil.copytree(studies["grid"], tmp_path / "newer")
    (newer / "summary.json").write_text(json.dumps([{"format": FORMAT + 1}]))
    assert "was written by a newer Seedbed" in refused(capsys, studies["one"], newer)


def test_a_page_that_cannot_be_written(
    studies: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [studies["one"], studies["grid"], "--out", tmp_path / "nowhere" / "page.html"]
    assert main(["compare", *map(str, words)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "choose another file with --out" in error
