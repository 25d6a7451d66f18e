"""Which files are runs of one configuration: by a seed in their names, or by their folders."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from seedbed.analysis.prediction_files.groups import find_groups
from seedbed.core.errors import DataError
from sentences import Sentence


def groups(
    root: Path, files: Sequence[str], given: Sequence[str] = ()
) -> dict[str, dict[int | str, str]]:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()
    found = find_groups([root / path for path in given or files])
    return {
        group.label: {seed: str(path.relative_to(root)) for seed, path in group.files.items()}
        for group in found.groups
    }


SEEDED = {
    "a_seed0.csv": ("a", 0),
    "a_seed1.csv": ("a", 1),
    "a_seed10.csv": ("a", 10),
    "b-0.csv": ("b", 0),
    "b-1.csv": ("b", 1),
    "c seed=3.csv": ("c", 3),
    "d.run_2.npz": ("d", 2),
    "seed_4_e.parquet": ("e", 4),
    "f-Seed-5-final.csv": ("f-final", 5),
}
"""Files of one folder, with their configuration and seed."""


@pytest.mark.parametrize("given", [(), (".",)], ids=["files", "folder"])
def test_seeds_in_the_names_of_files(tmp_path: Path, given: Sequence[str]) -> None:
    expected: dict[str, dict[int | str, str]] = {}
    for file, (label, seed) in SEEDED.items():
        expected.setdefault(label, {})[seed] = file
    assert groups(tmp_path, list(SEEDED), given) == expected


@pytest.mark.parametrize(
    "pattern",
    [
        "{}/run_{}/preds.csv",
        "{}/seed={}/preds.csv",
        "{}/seed{}.csv",
        "{}/{}.csv",
        "seed-{1}/{0}.csv",
        "{}_seed{}/predictions.npz",
        "out/{}/trial 0{}/test.npz",
    ],
)
@pytest.mark.parametrize("names", [("resnet18", "vit"), ("resnet-18", "resnet-50"), ("a", "b")])
def test_seeds_in_the_names_of_folders(
    tmp_path: Path, pattern: str, names: tuple[str, str]
) -> None:
    files = {pattern.format(name, seed): (name, seed) for name in names for seed in range(3)}
    found = groups(tmp_path, list(files), ["."])
    assert {label: list(runs) for label, runs in found.items()} == {
        name: [0, 1, 2] for name in names
    }
    assert all(
        files[path] == (label, seed) for label, runs in found.items() for seed, path in runs.items()
    )


@pytest.mark.parametrize(
    "files",
    [
        ["resnet-18.csv", "resnet-50.csv"],
        ["lenet.csv", "vit.csv"],
        ["vgg16.csv", "vgg19.csv"],
        ["fold1.csv", "fold2.csv"],
        ["preseed1.csv", "preseed2.csv"],
        ["model_2024.csv", "other_2025.csv"],
    ],
)
def test_other_numbers_are_no_seeds(tmp_path: Path, files: list[str]) -> None:
    """Each file is a configuration then, and the rule is said."""
    assert groups(tmp_path, files, ["."]) == {
        Path(file).stem: {Path(file).stem: file} for file in files
    }
    assert "each is a configuration" in find_groups([tmp_path]).rule


def test_the_same_numbers_in_two_configurations_are_seeds(tmp_path: Path) -> None:
    files = [f"{name}-{number}.csv" for name in "ab" for number in (17, 42)]
    assert {label: list(runs) for label, runs in groups(tmp_path, files).items()} == {
        "a": [17, 42],
        "b": [17, 42],
    }


def test_a_file_without_a_seed_among_others(tmp_path: Path) -> None:
    found = groups(tmp_path, ["a_seed0.csv", "a_seed1.csv", "baseline.csv"])
    assert {label: list(runs) for label, runs in found.items()} == {
        "a": [0, 1],
        "baseline": ["baseline"],
    }


def test_folders_with_files_of_the_same_names(tmp_path: Path) -> None:
    files = [f"{folder}/{name}.npz" for folder in ("cnn", "vit") for name in ("x", "y")]
    found = groups(tmp_path, files, ["cnn", "vit"])
    assert {label: list(runs) for label, runs in found.items()} == {
        "cnn": ["x", "y"],
        "vit": ["x", "y"],
    }


def test_folders_with_seeds(tmp_path: Path) -> None:
    files = ["cnn/seed1.npz", "cnn/seed2.npz", "vit/2.npz", "vit/1.npz"]
    found = groups(tmp_path, files, ["cnn", "vit"])
    assert {label: list(runs) for label, runs in found.items()} == {"cnn": [1, 2], "vit": [1, 2]}


def test_one_file(tmp_path: Path) -> None:
    assert groups(tmp_path, ["run.npz"]) == {"run": {"run": "run.npz"}}
    assert find_groups([tmp_path / "run.npz"]).rule == ""


def test_runs_of_a_study(tmp_path: Path) -> None:
    """Of each run its test predictions, and no other array."""
    for seed in range(2):
        run = tmp_path / "runs" / f"lenet5-3f9a0c12de-seed{seed}"
        run.mkdir(parents=True)
        for name in ("run.json", "predictions.npz", "predictions-train.npz", "training_labels.npz"):
            (run / name).touch()
    (group,) = find_groups([tmp_path]).groups
    assert list(group.files) == [0, 1]
    assert {path.name for path in group.files.values()} == {"predictions.npz"}


def test_one_seed_twice(tmp_path: Path, sentence: Sentence) -> None:
    with pytest.raises(DataError) as error:
        groups(tmp_path, ["a_seed1.csv", "a-1.csv"])
    assert error.value.where == str(tmp_path / "a-1.csv")
    sentence(error.value)
