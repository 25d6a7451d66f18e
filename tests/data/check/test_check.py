"""A folder with everything that goes wrong in people's folders."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from photo_folders import images
from seedbed.core.errors import DataError
from seedbed.data.check.check import Check, check_path


def photo(path: Path, seed: int, size: int = 24, mode: str = "RGB") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 256, (12, 12, 3), np.uint8)
    large = Image.fromarray(pixels).resize((size, size), Image.Resampling.BICUBIC)
    large.convert(mode).save(path)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two classes of twelve training and four test images."""
    for index in range(24):
        photo(tmp_path / "train" / ("cat" if index < 12 else "dog") / f"{index:02}.png", index)
    for index in range(100, 108):
        photo(tmp_path / "test" / ("cat" if index < 104 else "dog") / f"{index}.png", index)
    return tmp_path


def kinds(check: Check) -> dict[str, list[str]]:
    return {finding.kind: [name for name, _ in finding.images] for finding in check.findings}


def test_nothing_is_wrong(root: Path) -> None:
    check = check_path(root)
    assert check.findings == []
    assert not check.wrong
    assert check.images == {"train": {"cat": 12, "dog": 12}, "test": {"cat": 4, "dog": 4}}


def test_unreadable_images(root: Path) -> None:
    for name in ("train/cat/03.png", "test/dog/104.png"):
        (root / name).write_bytes((root / name).read_bytes()[:300])
    check = check_path(root)
    assert kinds(check) == {"unreadable images": ["train/cat/03.png", "test/dog/104.png"]}
    assert check.wrong


def test_images_that_break_the_rules(root: Path) -> None:
    Image.new("RGBA", (24, 24)).save(root / "train/cat/03.png")
    frames = [Image.new("L", (24, 24), shade) for shade in (0, 9)]
    frames[0].save(root / "train/cat/a.gif", save_all=True, append_images=frames[1:])
    found = kinds(check_path(root))
    assert found["transparent images (set background)"] == ["train/cat/03.png"]
    assert found["animated images"] == ["train/cat/a.gif"]


@pytest.mark.parametrize(
    ("copy", "wrong"),
    [
        ("train/cat/copy.png", set()),
        ("train/dog/copy.png", {"duplicates with different labels"}),
        ("test/cat/copy.png", {"images of one split that are in another, too"}),
        (
            "test/dog/copy.png",
            {"duplicates with different labels", "images of one split that are in another, too"},
        ),
    ],
)
def test_exact_duplicates(root: Path, copy: str, wrong: set[str]) -> None:
    (root / copy).write_bytes((root / "train/cat/03.png").read_bytes())
    check = check_path(root)
    assert {finding.kind for finding in check.findings if finding.wrong} == wrong
    assert check.wrong == bool(wrong)
    names = {name for finding in check.findings for name, _ in finding.images}
    assert copy in names
    assert "exact duplicates" in kinds(check)


def test_a_copy_in_another_encoding_is_a_duplicate(root: Path) -> None:
    with Image.open(root / "train/cat/03.png") as image:
        image.save(root / "train/cat/copy.bmp")
    assert kinds(check_path(root))["exact duplicates"] == ["train/cat/copy.bmp"]


@pytest.mark.parametrize(
    ("copy", "kind"),
    [
        ("train/cat/z.jpg", "near duplicates"),
        ("test/cat/z.jpg", "near duplicates of an image in another split"),
    ],
)
def test_near_duplicates(root: Path, copy: str, kind: str) -> None:
    with Image.open(root / "train/cat/03.png") as image:
        image.save(root / copy, quality=92)
    check = check_path(root)
    assert kinds(check)[kind] == [copy]
    assert not check.wrong


def test_sizes_and_modes(root: Path) -> None:
    photo(root / "train/cat/a.png", 200, size=30)
    photo(root / "train/cat/b.png", 201, mode="L")
    assert kinds(check_path(root)) == {
        "images of another size than most (set resize)": ["train/cat/a.png"],
        "images of another format or color than most": ["train/cat/b.png"],
    }


def test_classes_that_are_small_or_unbalanced(root: Path) -> None:
    for index in range(4, 12):
        (root / f"train/cat/{index:02}.png").unlink()
    for index in range(300, 304):
        photo(root / f"train/dog/{index}.png", index)
    assert kinds(check_path(root)) == {
        "classes with fewer than 10 training images": ["cat"],
        "classes with less than 1/3 of the images of the largest": ["cat"],
    }


def test_what_was_left_out(root: Path) -> None:
    (root / "train/cat/notes.txt").write_text("x")
    (root / "train/cat/link.png").symlink_to("nowhere.png")
    (root / ".DS_Store").write_text("x")
    check = check_path(root)
    assert kinds(check) == {
        "system files and folders": [".DS_Store"],
        "broken links": ["train/cat/link.png"],
        "files that are no images": ["train/cat/notes.txt"],
    }
    assert not check.wrong


def test_splits_with_different_classes_are_wrong_and_all_else_is_checked(root: Path) -> None:
    photo(root / "train/owl/a.png", 200)
    (root / "train/cat/03.png").write_bytes(b"x")
    check = check_path(root)
    assert check.wrong
    found = kinds(check)
    assert found["unreadable images"] == ["train/cat/03.png"]
    assert found["problems with the folders or labels"] == [str(root)]


def test_folders_in_doubt_are_wrong_until_the_layout_is_given(tmp_path: Path) -> None:
    images(tmp_path, ["train", "test"], count=12)
    assert "problems with the folders or labels" in kinds(check_path(tmp_path))
    assert "problems with the folders or labels" not in kinds(check_path(tmp_path, "classes"))


def test_other_formats_are_checked_too(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 12, 12), np.uint8)
    pixels[25] = pixels[3]
    labels = np.arange(30) % 2
    path = tmp_path / "a.npz"
    np.savez(
        path,
        x_train=pixels[:20],
        y_train=labels[:20],
        x_test=pixels[20:],
        y_test=labels[20:],
    )
    check = check_path(path)
    assert check.images == {"train": {"0": 10, "1": 10}, "test": {"0": 5, "1": 5}}
    assert "images of one split that are in another, too" in kinds(check)


def test_there_must_be_something(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        check_path(tmp_path / "none")
    assert error.value.where == str(tmp_path / "none")
    (tmp_path / "cat").mkdir()
    with pytest.raises(DataError) as error:
        check_path(tmp_path)
    assert error.value.where == str(tmp_path)
