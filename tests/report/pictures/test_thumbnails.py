"""Pictures that a study keeps: a page without the dataset shows what an earlier one has shown."""

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

import summaries
from seedbed.analysis.subjects.image_errors import images_by_index
from seedbed.core.seal import BLANK, sealed
from seedbed.report.page.file import write_report
from seedbed.report.pictures.named_images import FoundImages, find_test_images, make_pictures
from seedbed.report.pictures.sprite import LARGEST_TILE
from seedbed.report.pictures.thumbnails import (
    Thumbnails,
    decoded,
    encoded,
    keep_thumbnails,
    read_thumbnails,
)
from seedbed.study.store.names import THUMBNAILS

HASHES = [f"{number:032x}" for number in range(3)]


@pytest.mark.parametrize("shape", [(8, 8, 1), (9, 20, 3), (1, 100, 3)])
def test_pixels_are_kept(shape: tuple[int, int, int]) -> None:
    pixels = np.random.Generator(np.random.Philox(1)).integers(0, 256, shape).astype(np.uint8)
    found = decoded(encoded(pixels), shape)
    assert found is not None
    np.testing.assert_array_equal(found, pixels)


def test_what_is_no_picture_of_this_size_is_none(tmp_path: Path) -> None:
    data = encoded(np.zeros((8, 8, 1), np.uint8))
    assert decoded(data, (8, 9, 1)) is None
    assert decoded(data[:20], (8, 8, 1)) is None
    assert decoded(b"", (8, 8, 1)) is None


def test_pictures_are_added_and_none_is_lost(tmp_path: Path) -> None:
    assert len(read_thumbnails(tmp_path)) == 0
    keep_thumbnails(tmp_path, Thumbnails({HASHES[0]: b"a"}))
    before = (tmp_path / THUMBNAILS).read_bytes()
    keep_thumbnails(tmp_path, Thumbnails({HASHES[0]: b"b"}))
    assert (tmp_path / THUMBNAILS).read_bytes() == before
    keep_thumbnails(tmp_path, Thumbnails({HASHES[1]: b"b"}, {HASHES[2]: b"c"}))
    kept = read_thumbnails(tmp_path)
    assert kept == Thumbnails({HASHES[0]: b"a", HASHES[1]: b"b"}, {HASHES[2]: b"c"})
    assert [file.name for file in tmp_path.iterdir()] == [THUMBNAILS]


@pytest.mark.parametrize("damage", ["no archive", "a folder", "an edited archive"])
def test_a_damaged_file_is_named_and_made_again(
    tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / THUMBNAILS
    if damage == "a folder":
        file.mkdir()
    elif damage == "an edited archive":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(f"{HASHES[0]}.webp", b"b")
    else:
        file.write_bytes(b"PK\x03\x04 no archive")
    assert read_thumbnails(tmp_path) == Thumbnails()
    assert str(file) in capsys.readouterr().err
    keep_thumbnails(tmp_path, Thumbnails({HASHES[0]: b"a"}))
    assert read_thumbnails(tmp_path) == Thumbnails({HASHES[0]: b"a"})


def test_other_members_of_the_file_are_left_alone(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / THUMBNAILS, "w") as archive:
        archive.writestr("../../evil.webp", b"x")
        archive.writestr(f"{HASHES[0]}.webp", b"a")
        # Packed, it could be any size.
        archive.writestr(f"{HASHES[1]}.webp", b"b" * 100, zipfile.ZIP_DEFLATED)
        archive.comment = f"checksum {BLANK}".encode()
    (tmp_path / THUMBNAILS).write_bytes(sealed((tmp_path / THUMBNAILS).read_bytes()))
    assert read_thumbnails(tmp_path) == Thumbnails({HASHES[0]: b"a"})


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return summaries.write_study(tmp_path_factory.mktemp("many"), test_images=60, margin=4)


def test_a_page_without_the_dataset_has_the_pictures_of_the_one_before(
    study: Path, tmp_path: Path
) -> None:
    entries = summaries.entries_of(study)
    assert write_report(study, entries).without == ()
    images = find_test_images(study, entries)
    pictures = make_pictures(entries, images)
    copy = tmp_path / "study"  # on another machine, where the dataset is not
    shutil.copytree(study, copy)
    away = study.parent / "data"
    away.rename(study.parent / "away")
    try:
        written = write_report(copy, entries)
        gone = find_test_images(copy, entries)
        kept = make_pictures(entries, gone)
        before = (copy / THUMBNAILS).read_bytes()
    finally:
        (study.parent / "away").rename(away)
    assert gone.splits == {}
    assert written.without == ()
    assert len(written.kept) == 1
    assert written.file.read_bytes() == (study / "report.html").read_bytes()
    for key, sprite in pictures.sprites.items():
        assert kept.sprites[key] == sprite or vars(kept.sprites[key]) == vars(sprite)
    assert before == (study / THUMBNAILS).read_bytes()


def test_a_page_of_some_configurations_takes_no_picture_away(tmp_path: Path) -> None:
    folder = summaries.write_study(
        tmp_path, test_images=60, margin=4, axes="learning_rate = [0.01, 0.05]"
    )
    first, second = summaries.entries_of(folder)
    write_report(folder, [first, second])
    everything = read_thumbnails(folder)
    write_report(folder, [second])
    assert read_thumbnails(folder) == everything


def test_pictures_that_no_page_has_shown_are_counted(study: Path, tmp_path: Path) -> None:
    entries = summaries.entries_of(study)
    (key,) = find_test_images(study, entries).splits
    write_report(study, entries, out=tmp_path / "page.html")
    kept = read_thumbnails(study)
    named = {image.hash for image in images_by_index(entries).values()}
    few = Thumbnails(dict([item for item in kept.small.items() if item[0] in named][:3]))
    pictures = make_pictures(entries, FoundImages({}, {key: "it is gone"}, {}, few))
    assert len(pictures.sprites[key].places) == 3
    assert pictures.sprites[key].left_out > 0
    assert (pictures.missing, pictures.kept) == ({}, {key: "it is gone"})
    nothing = make_pictures(entries, FoundImages({}, {key: "it is gone"}))
    assert (nothing.missing, nothing.kept) == ({key: "it is gone"}, {})


def test_large_images_that_an_analysis_uses_are_kept_whole() -> None:
    side = 2 * LARGEST_TILE
    pixels = np.random.Generator(np.random.Philox(2)).integers(0, 256, (side, side, 3))
    picture = encoded(pixels.astype(np.uint8))
    images = FoundImages({}, {}, {}, Thumbnails({}, {HASHES[0]: picture}))
    found = images.pixels("any", HASHES, (side, side, 3))
    assert found.keys() == {HASHES[0]}
    np.testing.assert_array_equal(found[HASHES[0]], pixels)
