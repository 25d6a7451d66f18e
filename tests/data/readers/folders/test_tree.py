"""What a walk through a folder takes, follows, and leaves out with a word."""

import os
from pathlib import Path

import pytest

from photo_folders import image
from seedbed.core.errors import DataError
from seedbed.data.readers.folders.class_folders import read_image_folder
from seedbed.data.readers.folders.tree import walk
from sentences import Sentence


def tree(root: Path) -> Path:
    image(root / "cat" / "more" / "z.png", 5)
    image(root / "dog" / "a.png", 10)
    image(root / "dog" / "b.png", 20)
    return root


def left_out(root: Path) -> dict[str, list[str]]:
    return walk(root).left_out


@pytest.mark.parametrize(
    "name",
    [
        *("cat/.DS_Store", "cat/Thumbs.db", "cat/._z.png", ".cache/x.png", "cat/.hidden/y.png"),
        *("@eaDir/x.png", "cat/@eaDir/z.png/THUMB.png", "__MACOSX/cat/._z.png", ".git/HEAD"),
        *("dog/desktop.ini", "$RECYCLE.BIN/1.png"),
    ],
)
def test_system_files_are_left_out(tmp_path: Path, name: str) -> None:
    tree(tmp_path)
    image((tmp_path / name).with_suffix(".png")).rename(tmp_path / name)
    assert read_image_folder(tmp_path).train.class_names == ("cat", "dog")
    assert list(left_out(tmp_path)) == ["system files and folders"]


@pytest.mark.parametrize("name", ["notes.txt", "a.pdf", "Makefile", "a.json", "a.xml", "x.npy"])
def test_files_that_are_no_images_are_left_out(tmp_path: Path, name: str) -> None:
    tree(tmp_path)
    (tmp_path / "dog" / name).write_text("hello")
    contents = read_image_folder(tmp_path)
    assert len(contents.train) == 3
    (part,) = contents.reading.left_out
    assert (part.reason, part.names) == ("files that are no images", (f"dog/{name}",))


@pytest.mark.parametrize("name", ["a", "photo.JPG_large", "x.PNG", "IMG_1"])
def test_images_are_known_by_suffix_or_contents(tmp_path: Path, name: str) -> None:
    image(tmp_path / "a.png").rename(tmp_path / name)
    assert [path.name for path in walk(tmp_path).root.files()] == [name]


@pytest.mark.parametrize("name", ["IMG_1.HEIC", "a.avif", "b.jpg"])
def test_an_image_that_cannot_be_decoded_is_not_another_file(tmp_path: Path, name: str) -> None:
    tree(tmp_path)
    (tmp_path / "dog" / name).write_text("hello")
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(tmp_path / "dog" / name)


@pytest.mark.parametrize("target", ["nothing.png", "z.png", "/nowhere/z.png"])
def test_broken_links_are_left_out(tmp_path: Path, target: str) -> None:
    tree(tmp_path)
    (tmp_path / "dog" / "z.png").symlink_to(target)
    contents = read_image_folder(tmp_path)
    assert len(contents.train) == 3
    (part,) = contents.reading.left_out
    assert (part.reason, part.names) == ("broken links", ("dog/z.png",))


def test_a_class_of_broken_links_is_rejected(tmp_path: Path) -> None:
    tree(tmp_path)
    image(tmp_path / "owl" / "a.png")
    (tmp_path / "cow").mkdir()
    (tmp_path / "cow" / "a.png").symlink_to("nothing.png")
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(tmp_path / "cow")


@pytest.mark.parametrize("name", ["dog/z.png", "dog/more", "cow"])
def test_a_link_out_of_the_folder_is_rejected(
    tmp_path: Path, name: str, sentence: Sentence
) -> None:
    tree(tmp_path / "photos")
    image(tmp_path / "private" / "secret.png", 1)
    target = tmp_path / "private"
    (tmp_path / "photos" / name).symlink_to(target / "secret.png" if "." in name else target)
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path / "photos")
    assert error.value.where == str(tmp_path / "photos" / name)
    assert error.value.expected
    if name == "cow":
        sentence(error.value)


def test_links_inside_the_folder_and_to_it_are_followed(tmp_path: Path) -> None:
    tree(tmp_path / "photos")
    (tmp_path / "photos" / "dog" / "c.png").symlink_to("../cat/more/z.png")
    (tmp_path / "photos" / "dog" / "d").symlink_to("../cat/more")
    (tmp_path / "photos" / "dog" / ".hidden").symlink_to("/etc/passwd")
    (tmp_path / "link").symlink_to(tmp_path / "photos")
    contents = read_image_folder(tmp_path / "link")
    assert contents.train.images[:, 0, 0, 0].tolist() == [5, 10, 20, 5, 5]
    assert contents.train.names.tolist()[-1] == "dog/d/z.png"


@pytest.mark.parametrize("target", ["..", ".", "../../photos"])
def test_links_in_a_circle_are_left_out(tmp_path: Path, target: str) -> None:
    tree(tmp_path / "photos")
    (tmp_path / "photos" / "dog" / "c").symlink_to(target)
    contents = read_image_folder(tmp_path / "photos")
    assert len(contents.train) == 3
    (part,) = contents.reading.left_out
    assert part.names == ("dog/c",)


def test_a_folder_name_that_is_not_utf_8(tmp_path: Path, sentence: Sentence) -> None:
    tree(tmp_path)
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    image(folder / "1.png")
    with pytest.raises(DataError) as error:
        read_image_folder(tmp_path)
    assert error.value.where == str(tmp_path)
    assert r"caf\xe9" in error.value.what
    assert "café" in error.value.hint
    str(error.value).encode()
    sentence(error.value)


def test_a_file_name_that_is_not_utf_8_is_escaped(tmp_path: Path) -> None:
    tree(tmp_path)
    image(Path(os.fsdecode(os.fsencode(tmp_path) + b"/dog/\xe9.png")))
    assert r"dog/\xe9.png" in read_image_folder(tmp_path).train.names.tolist()


def test_folders_that_are_nested_too_deeply_are_rejected(tmp_path: Path) -> None:
    image(tmp_path.joinpath(*["a"] * 102) / "1.png")
    with pytest.raises(DataError) as error:
        walk(tmp_path)
    assert error.value.where.endswith("/a/a")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything; run as another user")
def test_a_folder_that_cannot_be_read_is_rejected(tmp_path: Path) -> None:
    tree(tmp_path)
    (tmp_path / "dog").chmod(0)
    with pytest.raises(DataError) as error:
        walk(tmp_path)
    assert error.value.where == str(tmp_path / "dog")
