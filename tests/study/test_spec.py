"""The resolved study, as Python sees it; what files may say is in test_reader.py."""

import pytest

from seedbed.networks.zoo import lenet5
from seedbed.study.spec import DatasetSpec, StudySpec

NETWORK = {"name": "lenet5", "activation": "elu", "slope": 0.01, "alpha": 2.0}


def spec(**changes: object) -> StudySpec:
    values = {"name": "mine", "dataset": {"name": "mnist"}, "network": NETWORK, "seeds": 2}
    return StudySpec.model_validate(values | changes)


def test_the_network_is_built_for_the_classes_of_the_dataset() -> None:
    assert spec().build_network(7) == lenet5(7, activation="elu", alpha=2.0)


def test_a_study_is_bound_to_the_contents_of_its_dataset() -> None:
    bound = spec().with_fingerprint("abc")
    assert bound.to_dict()["dataset"] == {"name": "mnist", "fingerprint": "abc"}
    assert bound.with_fingerprint("def").dataset.fingerprint == "def"


@pytest.mark.parametrize("name", ["a", "mnist-2", "CIFAR_10.v1", "0"])
def test_names_that_make_good_folders(name: str) -> None:
    assert spec(name=name).name == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".hidden", "-option", "a b", "a/b", "a\\b", "a\n", "é", "a" * 101, "a."]
)
def test_names_that_do_not(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        spec(name=name)


def test_only_what_matters_of_a_dataset_is_written() -> None:
    assert DatasetSpec(name="mnist").to_dict() == {"name": "mnist"}
    assert DatasetSpec(path="p", split_seed=3).to_dict() == {
        "path": "p",
        "test_fraction": 0.2,
        "split_seed": 3,
    }
