"""Pages, and the pictures in the folder of a study, are of its results, or there is a doubt."""

import shutil
import zipfile
from pathlib import Path

import pytest

import summaries
from seedbed.core.seal import BLANK, sealed
from seedbed.report.page.file import write_report
from seedbed.report.page.page import Progress
from seedbed.report.verify import check_pages
from seedbed.study.store.names import REPORT, THUMBNAILS


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = summaries.write_study(tmp_path_factory.mktemp("sound"), test_images=30, margin=4)
    write_report(folder, summaries.entries_of(folder))
    return folder


@pytest.fixture
def study(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "study"))


def statuses(study: Path) -> dict[str, str]:
    return {finding.name: finding.status for finding in check_pages(study)}


def test_a_page_of_these_results_is_sound(study: Path) -> None:
    assert statuses(study) == {REPORT: "ok", THUMBNAILS: "ok"}


def test_without_pages_there_is_nothing_to_check(study: Path) -> None:
    for name in (REPORT, THUMBNAILS):
        (study / name).unlink()
    assert statuses(study) == {}


def test_a_changed_digit_is_doubted(study: Path) -> None:
    file = study / REPORT
    text = file.read_text(encoding="utf-8")
    before, percent, after = text.partition("%</td>")
    file.write_text(before[:-1] + ("8" if before[-1] != "8" else "9") + percent + after, "utf-8")
    assert statuses(study) == {REPORT: "doubt", THUMBNAILS: "ok"}


@pytest.mark.parametrize("contents", [b"", b"<html>", b"\xff"])
def test_a_page_without_a_checksum_is_doubted(study: Path, contents: bytes) -> None:
    (study / REPORT).write_bytes(contents)
    assert statuses(study)[REPORT] == "doubt"


def test_a_folder_in_place_of_a_file_is_doubted(study: Path) -> None:
    for name in (REPORT, THUMBNAILS):
        (study / name).unlink()
        (study / name).mkdir()
    assert set(statuses(study).values()) == {"doubt"}


def test_a_page_of_other_results_is_stale(study: Path) -> None:
    with (study / "study.toml").open("a", encoding="utf-8") as file:
        file.write("# more\n")
    assert [finding.text for finding in check_pages(study) if "stale" in finding.text]
    assert statuses(study)[REPORT] == "doubt"


def test_the_page_of_a_running_study_is_open(study: Path) -> None:
    entries = summaries.entries_of(study)
    write_report(study, entries, progress=Progress("1 of 3 runs have ended", 0.3))
    assert statuses(study)[REPORT] == "open"


def test_figures_are_named_as_unchecked(study: Path) -> None:
    (study / "figures").mkdir()
    assert statuses(study)["figures"] == "open"


def test_a_picture_of_another_image_is_doubted(study: Path) -> None:
    file = study / THUMBNAILS
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        pictures = [archive.read(name) for name in names]
    with zipfile.ZipFile(file, "w") as archive:
        for name, picture in zip(names, (pictures[1], *pictures[1:]), strict=True):
            archive.writestr(name, picture)
        archive.comment = f"checksum {BLANK}".encode()
    assert statuses(study)[THUMBNAILS] == "doubt"
    file.write_bytes(sealed(file.read_bytes()))
    (finding,) = (each for each in check_pages(study) if each.name == THUMBNAILS)
    assert finding.status == "doubt"
    assert finding.text.startswith("1 picture")
