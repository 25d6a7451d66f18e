"""The names of Parquet files say their splits."""

from pathlib import Path

import pytest

from seedbed.core.errors import DataError
from seedbed.data.readers.parquet.files import parquet_files, split_files
from sentences import Sentence


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"PAR1")
    return folder


def read(folder: Path) -> dict[str, list[str]]:
    splits = split_files(folder).splits
    return {
        split: [file.relative_to(folder).as_posix() for file in files]
        for split, files in splits.items()
    }


WORDS = {
    "train": ("train", "Training"),
    "validation": ("val", "valid", "validation", "dev", "Validation"),
    "test": ("test", "testing", "eval"),
}
PATTERNS = (
    "{}.parquet",
    "{}-00000-of-00001.parquet",
    "{}-00000-of-00001-0123456789abcdef.parquet",
    "data/{}-00000-of-00001.parquet",
    "{}/0000.parquet",
    "default/{}/0000.parquet",
    "flowers_{}.parquet",
    "{}_images.parquet",
)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_splits_are_told_by_name(tmp_path: Path, pattern: str) -> None:
    for position, word in enumerate(WORDS["validation"]):
        for other, test in enumerate(WORDS["test"]):
            train = WORDS["train"][other % 2]
            folder = tmp_path / f"{position}{other}"
            names = [pattern.format(name) for name in (train, word, test)]
            found = read(touch(folder, *names))
            assert found == dict(zip(WORDS, ([name] for name in names), strict=True))
            assert list(found) == ["train", "validation", "test"]


@pytest.mark.parametrize(
    "names", [("photos.parquet",), ("cats.parquet", "dogs.parquet"), ("trainer.parquet",)]
)
def test_files_without_a_split_are_for_training(tmp_path: Path, names: tuple[str, ...]) -> None:
    touch(tmp_path, *names)
    assert read(tmp_path) == {"train": list(names)}
    assert len(split_files(tmp_path).decisions) == 1


def test_a_file_of_an_unknown_split_is_named(tmp_path: Path) -> None:
    touch(tmp_path, "train.parquet", "extra.parquet", "test.parquet")
    assert [file.name for file in split_files(tmp_path).unknown] == ["extra.parquet"]


def test_the_last_name_in_a_path_decides(tmp_path: Path) -> None:
    touch(tmp_path, "train/test-0.parquet", "train/train-0.parquet")
    assert read(tmp_path) == {"train": ["train/train-0.parquet"], "test": ["train/test-0.parquet"]}


def test_hidden_files_are_not_read(tmp_path: Path) -> None:
    touch(tmp_path, "train.parquet", "._train.parquet", ".cache/train.parquet")
    assert [file.name for file in parquet_files(tmp_path)] == ["train.parquet"]


DOUBTFUL = {
    "two names": ("train.parquet", "test.parquet", "eval.parquet"),
    "two folders": ("fine/train.parquet", "coarse/train.parquet"),
    "two splits": ("train_test.parquet",),
    "no training split": ("test.parquet", "val.parquet"),
    "missing parts": ("train-00000-of-00003.parquet", "train-00002-of-00003.parquet"),
    "a false number": ("train-00000-of-99999999999999999999.parquet",),
}


@pytest.mark.parametrize("names", DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_is_in_doubt_is_refused(
    tmp_path: Path, names: tuple[str, ...], sentence: Sentence
) -> None:
    touch(tmp_path, *names)
    with pytest.raises(DataError) as error:
        split_files(tmp_path)
    assert error.value.where == str(tmp_path)
    sentence(error.value)
