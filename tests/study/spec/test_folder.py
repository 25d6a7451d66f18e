"""The study of a folder of images."""

from pathlib import Path

import numpy as np
import pytest

from photo_folders import image, images
from seedbed.core.errors import DataError, StudyError
from seedbed.study.spec.folder import folder_study, study_name
from seedbed.study.spec.overrides import Override
from seedbed.study.spec.reader import load_study, parse_study


def test_small_images_of_one_size_are_not_resized(tmp_path: Path) -> None:
    spec = load_study(str(images(tmp_path / "photos", ["cat", "dog"], count=5)))
    assert spec.name == "photos"
    assert [item.network["name"] for item in spec.configurations] == ["lenet5", "resnet8"]
    (dataset,) = spec.datasets
    assert dataset.path == str(tmp_path / "photos")
    assert dataset.resize is None
    assert dataset.to_dict()["test_fraction"] == 0.2


@pytest.mark.parametrize("size", [(33, 4), (4, 33), (5, 4)])
def test_large_images_and_several_sizes_are_resized(tmp_path: Path, size: tuple[int, int]) -> None:
    images(tmp_path, ["cat", "dog"])
    image(tmp_path / "dog" / "z.png", size=size)
    text = folder_study(tmp_path)
    assert "32×32" in text.splitlines()[0]
    assert parse_study(text, "a").datasets[0].resize == 32


def test_a_folder_with_a_test_split_draws_none(tmp_path: Path) -> None:
    images(tmp_path, ["train/cat", "train/dog", "test/cat", "test/dog"])
    assert "test_fraction" not in folder_study(tmp_path)


def test_unreadable_images_do_not_matter_here(tmp_path: Path) -> None:
    images(tmp_path, ["cat", "dog"])
    (tmp_path / "cat" / "0.png").write_bytes(b"x")
    assert parse_study(folder_study(tmp_path), "a").datasets[0].resize is None


@pytest.mark.parametrize(("count", "epochs"), [(10, 30), (3_002, 20)])
def test_epochs_depend_on_the_number_of_images(tmp_path: Path, count: int, epochs: int) -> None:
    images(tmp_path, ["cat", "dog"], count=1)
    content = (tmp_path / "cat" / "0.png").read_bytes()
    for number in range(1, count):
        (tmp_path / "cat" / f"{number}.png").write_bytes(content)
    assert parse_study(folder_study(tmp_path), "a").configurations[0].recipe.epochs == epochs


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("photos", "photos"),
        ("My Photos (2)", "My-Photos-2"),
        ("Höhlen", "Hohlen"),
        ("猫", "photos"),
        (".hidden", "hidden"),
        ("con", "con-study"),
        ("a" * 90, "a" * 60),
    ],
)
def test_a_study_is_named_after_the_folder(tmp_path: Path, folder: str, name: str) -> None:
    assert study_name(tmp_path / folder) == name
    text = folder_study(images(tmp_path / folder, ["cat", "dog"]))
    assert parse_study(text, "a").name == name


def test_a_dataset_in_another_format(tmp_path: Path) -> None:
    pixels = np.zeros((6, 40, 40), np.uint8)
    np.savez(tmp_path / "a.npz", images=pixels, labels=np.arange(6) % 2)
    assert parse_study(folder_study(tmp_path), "a").datasets[0].resize == 32


def test_the_layout_is_an_override(tmp_path: Path) -> None:
    images(tmp_path, ["train", "test"])
    with pytest.raises(DataError) as error:
        load_study(str(tmp_path))
    assert error.value.where == str(tmp_path)
    spec = load_study(str(tmp_path), [Override.of("dataset.layout", "classes")])
    assert spec.datasets[0].layout == "classes"


def test_results_are_no_folder_of_images(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text("")
    with pytest.raises(StudyError) as error:
        load_study(str(tmp_path))
    assert error.value.where == str(tmp_path)
    assert str(tmp_path / "study.toml") in error.value.hint
