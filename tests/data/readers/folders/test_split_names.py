"""Names of folders that mean splits, and names that do not."""

import pytest

from seedbed.data.readers.folders.split_names import split_names, split_of

TRAIN = ("train", "Train", "TRAINING", "training_set", "train-set", "trainset", "TrainData")
VALIDATION = ("val", "valid", "Validation", "dev", "val_set", "seg_val", "validation images")
TEST = ("test", "Testing", "test_set", "testset", "seg_test", "TestImages", "eval", "Evaluation")


@pytest.mark.parametrize(
    ("name", "split"),
    [
        *((name, "train") for name in (*TRAIN, "seg_train", "train_images", "images_train")),
        *((name, "validation") for name in VALIDATION),
        *((name, "test") for name in TEST),
    ],
)
def test_a_name_means_a_split(name: str, split: str) -> None:
    assert split_names([name]) == {name: split}


@pytest.mark.parametrize(
    "name",
    [
        *("trains", "express train", "steam_train", "control", "tester", "test_tube", "contest"),
        *("latest", "value", "valley", "device", "devil", "evaluator", "train_test", "cat", "1"),
    ],
)
def test_a_name_means_none(name: str) -> None:
    assert split_names([name, "plane"]) == {}


def test_words_that_folders_share_do_not_change_the_meaning() -> None:
    names = ["alphabet_train", "alphabet_test"]
    assert split_names(names) == {"alphabet_train": "train", "alphabet_test": "test"}
    assert split_names(["train2017", "val2017"]) == {"train2017": "train", "val2017": "validation"}
    assert split_names(["steam_train", "express_train"]) == {}
    assert split_names(["control_train", "patient_test"]) == {}


def test_eval_is_the_validation_split_beside_a_test_split() -> None:
    assert split_names(["train", "eval"])["eval"] == "test"
    assert split_names(["train", "eval", "test"])["eval"] == "validation"
    assert split_names(["train", "eval", "val", "test"])["eval"] == "test"


def test_a_value_of_a_column_means_a_split() -> None:
    assert [split_of(value) for value in ("Train ", "dev", "TEST", "cat", "")] == [
        "train",
        "validation",
        "test",
        None,
        None,
    ]
