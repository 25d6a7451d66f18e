"""``seedbed new`` and ``seedbed run`` with a folder or file of images."""

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import seedbed
from commands import Refused
from photo_folders import image, images
from seedbed.cli.main import main
from seedbed.study.spec.reader import load_study
from sentences import Sentence


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def test_new_writes_a_study_to_begin_with(
    capsys: pytest.CaptureFixture[str], sentence: Sentence
) -> None:
    images(Path("photos"), ["cat", "dog"], count=5)
    image(Path("photos/dog/large.png"), size=(40, 30))
    assert main(["new", "photos/"]) == 0
    sentence(capsys.readouterr().out)
    text = Path("photos.toml").read_text()
    sentence(text)
    spec = load_study("photos.toml")
    (dataset,) = spec.datasets
    assert dataset.path == str(Path("photos").resolve())
    assert load_study("photos").configurations == spec.configurations


def test_new_names_the_folder_as_seen_from_the_file() -> None:
    images(Path("data/my photos"), ["cat", "dog"])
    Path("studies").mkdir()
    assert main(["new", "data/my photos", "--out", "studies/a.toml"]) == 0
    assert 'path = "../data/my photos/"' in Path("studies/a.toml").read_text()
    assert load_study("studies/a.toml").datasets[0].path == str(Path("data/my photos").resolve())


@pytest.mark.parametrize("name", ["scans.npz", "scans.parquet"])
def test_a_file_of_images_is_taken_like_a_folder(name: str) -> None:
    labels = np.arange(20) % 2
    pixels = np.zeros((20, 6, 6), np.uint8) + labels[:, None, None].astype(np.uint8)
    if name.endswith(".npz"):
        np.savez(name, x_train=pixels, y_train=labels, x_test=pixels, y_test=labels)
    else:
        files = images(Path("photos"), ["cat", "dog"], count=10).rglob("*.png")
        rows = [{"bytes": file.read_bytes(), "path": file.name} for file in sorted(files)]
        pq.write_table(pa.table({"image": rows, "label": labels}), name)
    assert main(["new", name]) == 0
    written = load_study("scans.toml")
    assert written.datasets[0].path == str(Path(name).resolve())
    assert load_study(name).configurations == written.configurations


def test_new_takes_the_layout() -> None:
    images(Path("photos"), ["train", "test"])
    assert main(["new", "photos", "--layout", "classes"]) == 0
    assert load_study("photos.toml").datasets[0].layout == "classes"


def test_new_overwrites_nothing(refused: Refused) -> None:
    images(Path("photos"), ["cat", "dog"])
    Path("photos.toml").write_text("mine")
    error = refused("new", "photos")
    assert error.where == "photos.toml"
    assert Path("photos.toml").read_text() == "mine"
    assert refused("new", "none").where == "none"


def test_run_takes_a_folder_and_says_what_it_understood(
    capsys: pytest.CaptureFixture[str], sentence: Sentence
) -> None:
    images(Path("photos/Training"), ["cat", "dog"], count=6)
    images(Path("photos/Testing"), ["cat", "dog"], count=3)
    image(Path("photos/Training/dog/large.png"), size=(40, 30))
    Path("photos/Training/dog/notes.txt").write_text("x")
    settings = ["--seeds", "1", "--set", "recipe.epochs=1", "--set", "network=lenet5"]
    assert main(["run", "photos/", *settings]) == 0
    lines = [line for line in capsys.readouterr().err.splitlines() if ": photos: " in line]
    assert len(lines) == 2
    sentence("\n".join(lines))
    study = seedbed.open("studies/photos")
    assert study.folder.name == "photos"
    assert Path("studies/photos/report.html").is_file()
    assert main(["run", "photos/", *settings, "--quiet"]) == 0
    assert "photos: " not in capsys.readouterr().err


@pytest.mark.parametrize("name", ["none", "empty"])
def test_a_folder_without_images_is_refused(refused: Refused, name: str) -> None:
    Path("empty").mkdir()
    assert refused("run", name)
    assert sorted(path.name for path in Path().iterdir()) == ["empty"]


def test_unreadable_images_are_refused_together_and_may_be_skipped(
    refused: Refused, capsys: pytest.CaptureFixture[str]
) -> None:
    images(Path("photos"), ["cat", "dog"], count=8)
    for number in range(3):
        Path(f"photos/cat/{number}.png").write_bytes(b"x")
    error = refused("run", "photos")
    assert "3 are not images" in error.what
    assert not Path("studies").exists()
    settings = ["--seeds", "1", "--set", "recipe.epochs=1", "--set", "network=lenet5"]
    skip = ["--set", "dataset.skip_unreadable=true"]
    assert main(["run", "photos", *settings, *skip]) == 0
    assert "left out 3 unreadable images" in capsys.readouterr().err
    assert "skip_unreadable = true" in Path("studies/photos/study.toml").read_text()


def spoil(photos: Path) -> None:
    """Spoil a copy of a folder of photos as people's folders are."""
    (photos / ".DS_Store").write_bytes(b"x")
    (photos / "@eaDir").mkdir()
    (photos / "@eaDir" / "0.jpg").write_bytes(b"x")
    files = {name: sorted((photos / name).iterdir()) for name in "0123"}
    for file in files["0"][10:]:  # unbalanced
        file.unlink()
    for file in files["1"][:4]:  # broken
        file.write_bytes(file.read_bytes()[:900])
    (photos / "1" / "notes.txt").write_text("x")
    (photos / "1" / "gone.jpg").symlink_to("nowhere.jpg")
    (photos / "1" / "link.jpg").symlink_to(files["1"][5].name)
    for number, suffix in enumerate(("png", "bmp", "webp", "JPG")):  # other formats and sizes
        with Image.open(files["2"][number]) as opened:
            opened.resize((80 + number, 60)).save(photos / "2" / f"other{number}.{suffix}")
    shutil.copy(files["3"][0], photos / "2" / "wrong.jpg")  # repeated, with another label
    shutil.copy(files["3"][1], photos / "3" / "again.jpg")


@pytest.mark.parametrize("spoiled", [False, True])
def test_real_photos_go_from_folder_to_page(
    seedbed_data: Path, spoiled: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    photos = seedbed_data / "sign-language-digits"
    settings = ["--seeds", "1", "--set", "recipe.epochs=1", "--set", "network=lenet5"]
    if spoiled:
        original, photos = photos, Path("photos")
        for name in "0123":
            shutil.copytree(original / name, photos / name)
        spoil(photos)
        settings += ["--set", "dataset.skip_unreadable=true"]
        assert main(["data", "check", str(photos)]) == 1
        out = capsys.readouterr().out
        for line in (
            "4  unreadable images",
            "2  duplicates with different labels",
            "3  exact duplicates",
            "1  classes with less than 1/3",
            "1  broken links",
            "2  system files and folders",
            "1  files that are no images",
        ):
            assert line in out
    assert main(["run", str(photos), *settings]) == 0
    page = Path(f"studies/{photos.name}/report.html").read_text()
    assert "data:image/" in page
    notices = capsys.readouterr().err
    assert "32×32 RGB, resized from" in notices
    if spoiled:
        assert "left out 4 unreadable images" in notices
        assert "left out 1 broken links" in notices
    else:
        assert "1,651 train, 411 test" in notices
        dataset = seedbed.load_dataset(path=photos, resize=32)
        names = [name for split in dataset.splits.values() for name in split.names.tolist()]
        assert len(set(names)) == len(names) == 2062
        assert all((photos / name).is_file() for name in names)
        assert np.isin(["7/IMG_5874.JPG"], names).all()
