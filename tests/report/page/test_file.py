"""The page of a folder: where it is written, and what is read for it."""

import shutil
from pathlib import Path

import pytest

import summaries
from seedbed.core.errors import StoreError
from seedbed.display.escape import without_folders
from seedbed.report.page.file import write_report
from seedbed.study.store.names import REPORT, THUMBNAILS


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return summaries.single_run(tmp_path_factory.mktemp("single"))


def test_it_lies_in_the_folder_of_the_study(study: Path) -> None:
    written = write_report(study, summaries.entries_of(study))
    assert written.file == study / REPORT
    assert written.without == ()
    text = written.file.read_text(encoding="utf-8")
    assert "url(data:image/webp;base64," in text
    assert "No images are shown" not in text
    assert "batch_size = 16" in text  # its study.toml
    assert not list(study.glob("*.partial"))


def test_or_where_it_is_wanted(study: Path, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    assert write_report(study, summaries.entries_of(study), out=file).file == file
    assert file.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_a_dataset_that_is_gone_is_said_and_missed(study: Path, tmp_path: Path) -> None:
    gone = tmp_path / "data"
    (study / THUMBNAILS).unlink(missing_ok=True)
    shutil.move(study.parent / "data", gone)
    try:
        written = write_report(study, summaries.entries_of(study), out=tmp_path / "page.html")
    finally:
        shutil.move(gone, study.parent / "data")
    (why,) = written.without
    assert "images.npz" in why
    text = written.file.read_text(encoding="utf-8")
    assert f"No images are shown: {without_folders(why)}" in text.replace("&#39;", "'")
    assert without_folders(why).startswith("images.npz")
    assert "background-image: url(data:image" not in text


def test_a_folder_that_is_not_there(study: Path, tmp_path: Path) -> None:
    file = tmp_path / "no" / "page.html"
    with pytest.raises(StoreError) as error:
        write_report(study, summaries.entries_of(study), out=file)
    assert error.value.where == str(file)
    assert error.value.hint == "choose another file with --out"
