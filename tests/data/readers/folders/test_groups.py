"""Groups of images: where they come from, and splits that keep them whole."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sklearn.model_selection import StratifiedGroupKFold

from seedbed.core.errors import DataError, StudyError
from seedbed.core.seeds import Seeds, stream
from seedbed.data.catalog import load_dataset
from seedbed.data.images import ImageDataset
from seedbed.data.splits import deal, split
from seedbed.noise.spec import NoiseSpec
from seedbed.study.spec.configuration import DatasetSpec
from seedbed.training.recipe import Recipe
from seedbed.training.splits import draw_sample, held_out_images, learned_images

PATTERN = r"(patient\d+)_"


def scans(folder: Path, patients: int = 10, table: str = "") -> Path:
    """Write three images of each patient: of class a of even patients, of class b of odd ones."""
    shade = 0
    for patient in range(patients):
        for number in range(3):
            file = folder / "ab"[patient % 2] / f"patient{patient}_{number}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.new("L", (4, 4), shade).save(file)
            shade += 1
    if table:
        (folder / "metadata.csv").write_text(table)
    return folder


def grouped(sizes: tuple[int, ...], classes: int = 3) -> ImageDataset:
    """Return images of groups of these sizes, each of one class, in random order."""
    groups = np.repeat(np.arange(len(sizes)), sizes)
    order = np.random.default_rng(0).permutation(len(groups))
    images = np.arange(len(groups)).astype(np.uint8).reshape(-1, 1, 1, 1)
    labels = groups % classes
    return ImageDataset(
        images, labels[order], tuple("abc"[:classes]), groups=groups[order].astype(np.str_)
    )


def assert_whole(groups: NDArray[np.str_], parts: NDArray[np.int64]) -> None:
    for group in np.unique(groups):
        assert len(set(parts[groups == group].tolist())) == 1


def test_a_pattern_takes_groups_from_names(tmp_path: Path) -> None:
    dataset = load_dataset(path=scans(tmp_path), groups=PATTERN)
    for images in dataset.splits.values():
        assert images.groups is not None
        for name, group in zip(images.names.tolist(), images.groups.tolist(), strict=True):
            assert name.split("/")[1].startswith(f"{group}_")
    train, test = dataset.train.groups, dataset.test.groups
    assert train is not None
    assert test is not None
    assert not set(train) & set(test)
    assert len(test) == 6
    assert dataset.test.class_counts.tolist() == [3, 3]
    assert "2 of 10 groups, 6 images" in dataset.reading.splits["test"]


def test_a_column_of_a_table_has_the_groups(tmp_path: Path) -> None:
    rows = [
        f"{'ab'[patient % 2]}/patient{patient}_{number}.png,{'ab'[patient % 2]},site {patient // 5}"
        for patient in range(10)
        for number in range(3)
    ]
    folder = scans(tmp_path, table="\n".join(["file_name,label,site", *rows]))
    spec = DatasetSpec(path=str(folder), groups="site", label_column="label", test_fraction=0.5)
    dataset = spec.load()
    both = [images.groups for images in dataset.splits.values() if images.groups is not None]
    assert sorted(np.unique(of).tolist() for of in both) == [["site 0"], ["site 1"]]


def test_a_column_of_parquet_has_the_groups(tmp_path: Path) -> None:
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    encoded = [file.read_bytes() for file in sorted(scans(tmp_path / "images").rglob("*.png"))]
    table = arrow.table(
        {
            "image": encoded,
            "label": [place // 15 for place in range(30)],
            "patient": [place // 3 for place in range(30)],
        }
    )
    parquet.write_table(table, tmp_path / "scans.parquet")
    dataset = load_dataset(path=tmp_path / "scans.parquet", groups="patient")
    test = dataset.test.groups
    assert test is not None
    assert sorted(np.unique(test, return_counts=True)[1].tolist()) == [3, 3]


@pytest.mark.parametrize(
    ("groups", "where"),
    [
        (r"(site\d+)_", "dataset.groups"),  # matches no name
        ("patient", "{folder}"),  # no table
        (r"_(\d)", "dataset.groups"),  # matches, but the test split has the same groups
    ],
)
def test_groups_that_cannot_be_used_are_refused(groups: str, where: str, tmp_path: Path) -> None:
    folder = scans(tmp_path / "train").parent
    scans(tmp_path / "test")
    with pytest.raises(DataError) as error:
        load_dataset(path=folder, groups=groups)
    assert error.value.where == where.format(folder=folder)
    assert error.value.expected
    assert "\n" not in str(error.value)


def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path: Path) -> None:
    folder = scans(tmp_path, table="file_name,patient\npatient0_0.png,1")
    with pytest.raises(DataError) as error:
        load_dataset(path=folder, groups="patent")
    assert "patient" in error.value.what
    with pytest.raises(DataError) as error:  # the others have no row
        load_dataset(path=folder, groups="patient")
    assert error.value.where == "dataset.groups"


@pytest.mark.parametrize("groups", ["(p", r"(patient\d+)(_)", "(?:patient)"])
def test_a_wrong_pattern_is_refused_with_the_setting(groups: str, tmp_path: Path) -> None:
    with pytest.raises(StudyError) as refused:
        DatasetSpec(path="photos", groups=groups)
    assert refused.value.where == "groups"
    assert repr(groups) in refused.value.what
    with pytest.raises(DataError) as error:
        load_dataset(path=scans(tmp_path), groups=groups)
    assert error.value.where == "dataset.groups"
    assert repr(groups) in error.value.what
    assert error.value.expected


def test_a_published_dataset_has_no_groups() -> None:
    with pytest.raises(StudyError) as error:
        DatasetSpec(name="mnist", groups="patient")
    assert error.value.where == "groups"


def test_groups_are_part_of_the_fingerprint_and_their_names_are_not(tmp_path: Path) -> None:
    folder = scans(tmp_path)
    plain, by_patient = (load_dataset(path=folder, groups=groups) for groups in (None, PATTERN))
    assert plain.fingerprint != by_patient.fingerprint
    digits = load_dataset(path=folder, groups=r"patient(\d+)_")
    assert digits.fingerprint == by_patient.fingerprint


@pytest.mark.parametrize("sizes", [(3,) * 30, (1, 2, 3, 4, 5, 6, 7, 8, 9) * 4, (20, *[1] * 70)])
def test_folds_keep_groups_whole_and_are_about_as_even_as_those_of_scikit_learn(
    sizes: tuple[int, ...],
) -> None:
    dataset = grouped(sizes)
    groups = dataset.groups
    assert groups is not None
    parts = deal(dataset.labels, groups, dict.fromkeys(range(5), 0.2), stream(0, "fold"))
    assert_whole(groups, parts)
    assert set(parts) == set(range(5))
    theirs = np.zeros(len(groups), np.int64)
    folds = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    for fold, (_, held_out) in enumerate(folds.split(dataset.images, dataset.labels, groups)):
        theirs[held_out] = fold

    def unevenness(parts: NDArray[np.int64]) -> float:
        counts = [np.bincount(dataset.labels[parts == k], minlength=3) for k in range(5)]
        return float(np.std(counts, axis=0).sum())

    assert unevenness(parts) <= unevenness(theirs) + 1


@pytest.mark.parametrize("fraction", [0.1, 0.2, 0.5, 0.8])
def test_a_test_split_has_whole_groups_and_about_its_fraction(fraction: float) -> None:
    dataset = grouped((1, 2, 3) * 20)
    train, test = split(dataset, fraction, seed=2)
    assert train.groups is not None
    assert test.groups is not None
    assert not set(train.groups) & set(test.groups)
    assert len(train) + len(test) == len(dataset)
    assert len(test) == pytest.approx(fraction * len(dataset), abs=4)
    again = split(dataset, fraction, seed=2)[1]
    assert again.fingerprint == test.fingerprint


@pytest.mark.parametrize(
    ("sizes", "classes"),
    [((500, 400, *[1] * 100), 1), ((20, 20, *[1] * 50), 1), ((20, 20, *[1] * 50), 3)],
)
def test_a_large_group_does_not_go_to_a_small_test_split(
    sizes: tuple[int, ...], classes: int
) -> None:
    dataset = grouped(sizes, classes)
    _, test = split(dataset, 0.1, seed=0)
    assert len(test) == pytest.approx(len(dataset) / 10, abs=1)


@pytest.mark.parametrize("fraction", [0.1, 0.2, 0.8, 0.9])
def test_two_groups_of_a_class_go_to_both_splits(fraction: float) -> None:
    dataset = grouped((5,) * 6)
    for part in split(dataset, fraction, seed=0):
        assert part.class_counts.tolist() == [5, 5, 5]
    assert len(draw_sample(dataset, Recipe(validation_size=3), NoiseSpec(), Seeds()).train) == 15


def test_a_group_goes_to_a_part_that_lacks_its_class_only_if_no_class_is_lost() -> None:
    # Groups by classes: the last one that is dealt, "pair", has all images of class 2.
    groups = np.array(["x"] * 9 + ["y"] * 9 + ["pair"] * 2)
    labels = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1] * 2 + [0, 2])
    parts = deal(labels, groups, {0: 0.9, 1: 0.1}, stream(0, "split"))
    assert parts[groups == "pair"].tolist() == [0, 0]
    assert sorted(parts[:18:9].tolist()) == [0, 1]


@pytest.mark.parametrize(
    ("sizes", "classes"), [((9,), 1), ((9, 9, 9), 3)], ids=["one group", "one for each class"]
)
def test_one_group_cannot_be_split(sizes: tuple[int, ...], classes: int) -> None:
    dataset = grouped(sizes, classes)
    for fraction in (0.2, 0.5, 0.8):
        with pytest.raises(DataError) as error:
            split(dataset, fraction, seed=0)
        assert error.value.expected.startswith("2 or more groups")
    images = len(dataset)
    for recipe, where in (
        (Recipe(validation_size=images // 5), "recipe.validation_size"),
        (Recipe(validation_size=images * 4 // 5), "recipe.validation_size"),
        (Recipe(folds=2), "recipe.folds"),
    ):
        with pytest.raises(StudyError) as refused:
            draw_sample(dataset, recipe, NoiseSpec(), Seeds())
        assert refused.value.where == where
        assert refused.value.expected


@pytest.mark.parametrize("recipe", [Recipe(folds=4), Recipe(validation_size=20)])
def test_runs_hold_out_whole_groups(recipe: Recipe) -> None:
    dataset = grouped((1, 2, 3, 4) * 8)
    groups = dataset.groups
    assert groups is not None
    held_out = []
    for seed in range(4):
        sample = draw_sample(dataset, recipe, NoiseSpec(), Seeds(run=seed))
        assert not set(groups[sample.train]) & set(groups[sample.validation])
        assert len(sample.validation) == held_out_images(recipe, dataset, Seeds(run=seed))
        assert len(sample.train) == learned_images(recipe, dataset, Seeds(run=seed))
        assert len(sample.train) + len(sample.validation) == len(dataset)
        assert len(sample.validation) == pytest.approx(20, abs=2)
        held_out += sample.validation.tolist()
    if recipe.folds:
        assert sorted(held_out) == list(range(len(dataset)))
