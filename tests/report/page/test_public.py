"""A page that is sent says nothing of where things lie on the machine that wrote it."""

import os
import shutil
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
from PIL import Image

import summaries
from made_entries import made_entry
from made_errors import image_errors
from seedbed.analysis.part import PageMaterial
from seedbed.report.page.file import write_report
from seedbed.report.page.page import page
from seedbed.report.page.public import public
from seedbed.report.pictures.links import file_links
from seedbed.report.pictures.named_images import find_test_images, make_pictures
from seedbed.study.store.names import THUMBNAILS

STUDIES = (summaries.networks, summaries.outside, summaries.unfinished)


@pytest.mark.parametrize("make", STUDIES, ids=lambda make: make.__name__)
def test_no_page_has_an_absolute_path(make: summaries.Study, tmp_path: Path) -> None:
    study = make(tmp_path)
    entries = summaries.entries_of(study)
    pages = [write_report(study, entries).file.read_text(encoding="utf-8")]
    if (tmp_path / "data").exists():
        shutil.rmtree(tmp_path / "data")
        (study / THUMBNAILS).unlink()
        pages.append(write_report(study, entries).file.read_text(encoding="utf-8"))
        assert "No images are shown" in pages[1]
    for text in pages:
        assert str(tmp_path) not in text
        assert tmp_path.name not in text
        assert str(Path.home()) + "/" not in text
        assert str(Path.cwd()) not in text


def test_every_setting_that_names_a_file_is_shortened() -> None:
    network = "/home/me/nets/resnet.py:ResNet"
    entry = made_entry(f"network={network}")
    entry["settings"]["network.name"] = entry["network"] = network
    entry["configuration"]["network"]["name"] = network
    entry["provenance"]["dataset"]["source"] = "/mnt/photos of cats"
    entry["study"]["damaged"] = ["/home/me/studies/mnist/runs/a: run.json is missing"]
    text = page(
        PageMaterial(public([entry])), study_file='dataset = { path = "/home/me/photos" }\n'
    )
    for hidden in ("/home", "/mnt", "nets/"):
        assert hidden not in text
    for shown in ("network=resnet.py:ResNet", "photos of cats", "a: run.json is missing"):
        assert shown in text
    assert "path = &#34;photos&#34;" in text


@pytest.mark.parametrize("folder", ["/home/me/my photos/", "C:\\Users\\me\\photos\\", "~/photos/"])
def test_images_that_other_tools_name_by_absolute_paths(folder: str) -> None:
    entry = made_entry()
    indices = entry["image_errors"]["index"]
    names = {index: f"{folder}class {index % 2}/{index}.png" for index in indices}
    entry["image_errors"]["name"] = list(names.values())
    for image in (
        *entry["hard_examples"]["examples"],
        *(image for pair in entry["top_pairs"] for image in pair["images"]),
    ):
        image["name"] = names[image["index"]]
    for cell in entry["confused_images"]:
        cell["name"] = [names[index] for index in cell["index"]]
    (shown,) = public([entry])
    assert shown["image_errors"]["name"] == [f"class {i % 2}/{i}.png" for i in indices]
    text = page(PageMaterial([shown]))
    assert folder not in text.replace("\\\\", "\\")
    assert f"class {indices[0] % 2}/{indices[0]}.png" in text


@pytest.mark.parametrize("folders", [("/a/", "/home/me/"), ("C:\\me\\", "D:\\me\\")])
def test_names_that_share_no_folder_lose_all_of_theirs(folders: tuple[str, str]) -> None:
    names = [f"{folders[0]}cat.png", f"{folders[1]}dog.png", "owl/1.png"]
    errors = image_errors([0, 1, 2], [0] * 3, [1] * 3, [1] * 3, name=names)
    (shown,) = public([made_entry(image_errors=errors)])
    assert shown["image_errors"]["name"] == ["cat.png", "dog.png", "owl/1.png"]


def write_photos(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((4, 4), np.uint8)).save(folder / name)
    return folder


def test_addresses_are_relative_to_the_page_and_lead_to_the_files(tmp_path: Path) -> None:
    names = ["cat/a b#1?.png", "javascript:alert(1).png", "hund/Äpfel 100%.png"]
    photos = write_photos(tmp_path / "my photos", *names)
    entry = made_entry(
        image_errors=image_errors(
            list(range(5)),
            [0] * 5,
            [1] * 5,
            [1] * 5,
            name=[*names, "cat/gone.png", "../secret.png"],
        )
    )
    (tmp_path / "secret.png").write_bytes(b"")
    file = tmp_path / "studies" / "one" / "report.html"
    links = file_links([entry], photos, file)
    assert links.keys() == {0, 1, 2}
    for index, name in enumerate(names):
        assert links[index].startswith("../../my%20photos/")
        assert ":" not in links[index]
        assert os.path.normpath(file.parent / unquote(links[index])) == str(photos / name)


def test_files_that_other_tools_name_by_absolute_paths_have_addresses(tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "photos", "cat/1.png", "dog/2.png")
    names = [str(photos / name) for name in ("cat/1.png", "dog/2.png")]
    entry = made_entry(image_errors=image_errors([3, 4], [0, 1], [1, 0], [1, 1], name=names))
    images = find_test_images(tmp_path / "out", [entry])
    pictures = make_pictures(public([entry]), images, tmp_path / "out" / "report.html")
    assert pictures.links[entry.header.test_fingerprint] == {
        3: "../photos/cat/1.png",
        4: "../photos/dog/2.png",
    }


def test_files_that_share_no_folder_of_the_user_with_the_page_have_no_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = write_photos(tmp_path / "a" / "photos", "cat.png")
    entry = made_entry(image_errors=image_errors([0], [0], [1], [1], name=["cat.png"]))
    assert file_links([entry], photos, tmp_path / "b" / "report.html")
    assert not file_links([entry], photos, Path("/report.html"))
    monkeypatch.setenv("HOME", str(tmp_path / "a"))
    assert not file_links([entry], photos, tmp_path / "b" / "report.html")
    assert file_links([entry], photos, tmp_path / "a" / "report.html")


def test_a_file_of_all_images_is_no_folder_of_images(tmp_path: Path) -> None:
    entry = made_entry(image_errors=image_errors([0], [0], [1], [1], name=["0"]))
    assert file_links([entry], summaries.write_dataset(tmp_path), tmp_path / "report.html") == {}
