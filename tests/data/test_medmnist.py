"""The published sets of MedMNIST, whose files are not downloaded."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from seedbed.core.errors import DataError, DownloadError, StudyError
from seedbed.data import catalog
from seedbed.data.catalog import load_dataset
from seedbed.data.medmnist import UNUSABLE
from seedbed.data.published import PUBLISHED
from seedbed.study.spec.reader import parse_study
from sentences import Sentence

pytestmark = pytest.mark.usefixtures("elsewhere")


@pytest.mark.parametrize("name", ["breastmnist", "pneumoniamnist"])
def test_the_real_sets_of_medmnist_are_the_published_ones(seedbed_data: Path, name: str) -> None:
    dataset = load_dataset(name, data_root=seedbed_data)
    assert dataset.modified is None
    assert tuple(len(split) for split in dataset.splits.values()) == PUBLISHED[name].images
    assert list(dataset.splits) == ["train", "validation", "test"]
    assert dataset.class_names == PUBLISHED[name].classes
    assert dataset.splits["validation"].names[41] == "validation/41"
    assert dataset.reading.classes_from == "the publication"


def medical(folder: Path, *, images: int = 780, **arrays: NDArray[np.uint8]) -> None:
    """Write a file with the sizes of BreastMNIST, or another number of training images."""
    (folder / "medmnist").mkdir(parents=True)
    parts = {"train": images - 234, "val": 78, "test": 156}
    everything: dict[str, Any] = {
        f"{split}_{what}": values
        for split, n in parts.items()
        for what, values in (
            ("images", np.zeros((n, 28, 28), np.uint8)),
            ("labels", np.arange(n, dtype=np.uint8)[:, None] % 2),
        )
    }
    np.savez(folder / "medmnist" / "breastmnist.npz", **{**everything, **arrays})


def test_a_copy_of_a_medical_set_is_told_by_its_checksum(tmp_path: Path) -> None:
    medical(tmp_path / "other")
    dataset = load_dataset("breastmnist", data_root=tmp_path / "other")
    assert dataset.modified is not None
    assert "not verified" in dataset.modified
    assert dataset.class_names == PUBLISHED["breastmnist"].classes
    medical(tmp_path / "fewer", images=700)
    dataset = load_dataset("breastmnist", data_root=tmp_path / "fewer")
    assert dataset.modified == "differs from the published BreastMNIST"


@pytest.mark.parametrize("download", [True, False])
def test_a_medical_set_that_is_not_here_says_where_to_get_it(
    download: bool, sentence: Sentence
) -> None:
    with pytest.raises(DataError) as error:
        load_dataset("breastmnist", download=download)
    assert error.value.where == "breastmnist"
    assert PUBLISHED["breastmnist"].homepage in error.value.hint
    assert PUBLISHED["breastmnist"].locations[0] in error.value.hint
    if download:
        sentence(error.value)


def test_a_medical_set_is_not_downloaded() -> None:
    with pytest.raises(DownloadError) as error:
        catalog.download_published(PUBLISHED["breastmnist"])
    assert PUBLISHED["breastmnist"].homepage in error.value.hint


@pytest.mark.parametrize("name", ["chestmnist", "organmnist3d"])
def test_medical_sets_that_cannot_be_used_are_refused(name: str, sentence: Sentence) -> None:
    with pytest.raises(DataError) as error:
        load_dataset(name)
    assert error.value.where == name
    sentence(error.value)
    with pytest.raises(StudyError) as study_error:
        parse_study(f'name = "x"\ndataset = "{name}"\nnetwork = "lenet5"\nseeds = 1', "x.toml")
    assert UNUSABLE[name] in str(study_error.value)
